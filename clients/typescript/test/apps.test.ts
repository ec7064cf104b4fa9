import { expect, test } from "vitest";

import { createTollgate, isTollgateError, type SignOutReason } from "../src/index.js";
import { newLogin, openBrowser, openSignedIn, password } from "./browser.js";
import { newEnrolled } from "./enrolled.js";
import { failureOf } from "./failure.js";

const baseUrl = process.env["TOLLGATE_URL"];

test("an app signs in without cookies and signs out", async () => {
  const reasons: SignOutReason[] = [];
  const form = createTollgate({ baseUrl });
  const { session_token, ...user } = await form.login({ ...(await newLogin()), transport: "bearer" });
  expect(form.session.get()).toBeUndefined();
  const app = createTollgate({ baseUrl, token: session_token, onSignedOut: (reason) => reasons.push(reason) });
  expect(await app.checkSession()).toEqual(user);
  expect(app.session.get()).toEqual(user);
  expect((await app.sessions.list()).map((device) => device.current)).toEqual([true]);
  await app.logout();
  expect(await failureOf(app.meter())).toMatchObject({ status: 401, code: "invalid_token" });
  expect(reasons).toEqual(["signed_out"]);
});

test("changing the password gives an app a new token and a browser none", async () => {
  const login = await newLogin();
  const { session_token } = await createTollgate({ baseUrl }).login({ ...login, transport: "bearer" });
  const change = { currentPassword: password, newPassword: "seven wiser toads" };
  const token = await createTollgate({ baseUrl, token: session_token }).account.changePassword(change);
  expect(token).toMatch(/^tgs_[0-9A-Za-z]{49}$/);
  expect(await createTollgate({ baseUrl, token: token! }).checkSession()).toMatchObject({ username: login.username });
  expect(await (await openSignedIn()).tollgate.account.changePassword(change)).toBeNull();
});

test("the second step of an app takes the token of the first", async () => {
  const { username, recoveryCodes } = await newEnrolled();
  const { tollgate } = openBrowser();
  const failure = await failureOf(tollgate.login({ username, password, transport: "bearer" }));
  if (!isTollgateError(failure, "second_factor_required")) throw failure;
  const { login_token } = failure.body;
  const step = { method: "recovery_code", code: recoveryCodes[0]!, transport: "bearer", login_token } as const;
  const { session_token } = await tollgate.secondFactors.login(step);
  expect(await createTollgate({ baseUrl, token: session_token }).checkSession()).toMatchObject({ username });
});
