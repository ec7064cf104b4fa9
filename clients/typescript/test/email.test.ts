import { randomUUID } from "node:crypto";

import { expect, test } from "vitest";

import { newLogin, openBrowser, password } from "./browser.js";
import { failureOf } from "./failure.js";
import { mailedToken } from "./mail.js";
import { newVerified } from "./verified.js";

test("a verified address is accepted at login", async () => {
  const { tollgate } = openBrowser();
  const { username } = await newLogin();
  const email = `${username}@example.org`;
  await tollgate.login({ username, password });
  expect(await tollgate.account.update({ email })).toMatchObject({ email: null, pending_email: email });
  expect(await failureOf(openBrowser().tollgate.login({ username: email, password }))).toMatchObject({ status: 404 });

  await tollgate.email.verify(await mailedToken(email, "verify-email"));
  expect(await tollgate.checkSession()).toMatchObject({ email, email_verified: true, pending_email: null });
  expect(await openBrowser().tollgate.login({ username: email, password })).toMatchObject({ username });
  expect(await failureOf(tollgate.email.resendVerification())).toMatchObject({ status: 409, code: "already_verified" });
});

test("a message sent again replaces the link of the first", async () => {
  const { tollgate } = openBrowser();
  const login = await newLogin();
  const email = `${login.username}@example.org`;
  await tollgate.login(login);
  await tollgate.account.update({ email });
  const first = await mailedToken(email, "verify-email");
  await tollgate.email.resendVerification();
  const second = await mailedToken(email, "verify-email", 2);
  expect(await failureOf(tollgate.email.verify(first))).toMatchObject({ status: 400, code: "invalid_token" });
  await tollgate.email.verify(second);
});

test("a link resets a forgotten password once, and ends all sessions", async () => {
  const { username, email } = await newVerified();
  const reasons: string[] = [];
  const here = openBrowser({ onSignedOut: (reason) => reasons.push(reason) });
  await here.tollgate.login({ username, password });

  const { tollgate } = openBrowser();
  await tollgate.password.requestReset(email);
  const token = await mailedToken(email, "reset-password");
  expect((await failureOf(tollgate.password.reset({ token: token, newPassword: "short" }))).fields).toHaveProperty("newPassword");
  await tollgate.password.reset({ token: token, newPassword: "seven wiser toads" });
  expect(await failureOf(tollgate.password.reset({ token: token, newPassword: "seven wiser toads" }))).toMatchObject({ code: "invalid_token" });

  expect(await tollgate.checkSession()).toBeNull();
  expect(await here.tollgate.checkSession()).toBeNull();
  expect(reasons).toEqual(["ended_elsewhere"]);
  expect(await failureOf(tollgate.login({ username, password }))).toMatchObject({ code: "incorrect_password" });
  await tollgate.login({ username, password: "seven wiser toads" });
});

test("a forgotten password of an unknown address is no error", async () => {
  await openBrowser().tollgate.password.requestReset(`${randomUUID()}@example.org`);
});

test("after “this wasn't me” only the link that is sent opens the account", async () => {
  const { username, email } = await newVerified();
  const thief = openBrowser();
  await thief.tollgate.login({ username, password });
  await thief.tollgate.account.changePassword({ currentPassword: password, newPassword: "seven wiser toads" });

  const { tollgate } = openBrowser();
  const token = await mailedToken(email, "secure-account");
  await tollgate.account.secure(token);
  expect(await failureOf(tollgate.account.secure(token))).toMatchObject({ status: 400, code: "invalid_token" });
  expect(await thief.tollgate.checkSession()).toBeNull();
  for (const wrong of [password, "seven wiser toads"]) {
    expect(await failureOf(tollgate.login({ username, password: wrong }))).toMatchObject({ status: 400 });
  }
  await tollgate.password.reset({ token: await mailedToken(email, "reset-password"), newPassword: "nine patient herons" });
  await tollgate.login({ username, password: "nine patient herons" });
});
