import { expect, test } from "vitest";

import { newLogin, openBrowser, openSignedIn } from "./browser.js";
import { failureOf } from "./failure.js";

test("nobody is signed in at first", async () => {
  expect(await openBrowser().tollgate.checkSession()).toBeNull();
});

test("a registered user is signed in from login to logout", async () => {
  const { tollgate } = openBrowser();
  const login = await newLogin();

  const user = await tollgate.login({ ...login, staySignedIn: true });
  expect(user.username).toBe(login.username);
  expect(user.session.stay_signed_in).toBe(true);
  expect(await tollgate.checkSession()).toEqual(user);

  await tollgate.logout();
  expect(await tollgate.checkSession()).toBeNull();
});

test("logging out without a session succeeds", async () => {
  await expect(openBrowser().tollgate.logout()).resolves.toBeUndefined();
});

test("undefined values are omitted", async () => {
  const { username, password } = await newLogin();
  const user = await openBrowser().tollgate.register({ username: `${username}2`, password, email: undefined });
  expect(user.email).toBeNull();
});

test("registering a taken username fails", async () => {
  const failure = await failureOf(openBrowser().tollgate.register(await newLogin()));
  expect(failure).toMatchObject({ status: 409, code: "username_taken", fields: {} });
});

test("a validation error names every invalid field", async () => {
  const failure = await failureOf(openBrowser().tollgate.register({ username: "a b", password: "short" }));
  expect(failure).toMatchObject({ status: 422, code: "invalid_fields" });
  expect(Object.keys(failure.fields).sort()).toEqual(["password", "username"]);
  expect(failure.requestId).not.toBeNull();
});

test("a wrong password at login is not a sign-out", async () => {
  let signedOut = 0;
  const { tollgate } = openBrowser({ onSignedOut: () => signedOut++ });
  const { username } = await newLogin();
  const failure = await failureOf(tollgate.login({ username, password: "a guess" }));
  // With CONTRACT=classic and CONTRACT=modern.
  expect(["incorrect_password", "cannot_login"]).toContain(failure.code);
  expect(signedOut).toBe(0);
});

test("the account can be changed and deleted", async () => {
  const { tollgate } = await openSignedIn();
  const email = `${crypto.randomUUID()}@example.org`;
  expect((await tollgate.account.update({ email, username: undefined })).pending_email).toBe(email);
  expect((await tollgate.account.update({ email: null })).pending_email).toBeNull();

  await tollgate.account.changePassword({ currentPassword: "four sneaky newts", newPassword: "seven wiser toads" });
  expect(await tollgate.checkSession()).not.toBeNull();
  expect(await failureOf(tollgate.account.delete({ currentPassword: "four sneaky newts" }))).toMatchObject({ code: "incorrect_password" });

  await tollgate.account.delete({ currentPassword: "seven wiser toads" });
  expect(await tollgate.checkSession()).toBeNull();
});

test("a sign-in form asks what the server offers", async () => {
  const { tollgate } = openBrowser();
  expect(await tollgate.loginMethods()).toEqual({ password: true, passkey: true, email: true, oidc: [] });
});
