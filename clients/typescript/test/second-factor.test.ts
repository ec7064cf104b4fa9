import { expect, test } from "vitest";

import { isTollgateError, type SignOutReason } from "../src/index.js";
import { Authenticator } from "./authenticator.js";
import { newLogin, openBrowser, openSignedIn, password } from "./browser.js";
import { newEnrolled } from "./enrolled.js";
import { failureOf } from "./failure.js";

test("an app is enrolled with its first code", async () => {
  const { tollgate } = await openSignedIn();
  const { secret, otpauth_uri, qr_svg } = await tollgate.totp.start();
  expect(otpauth_uri).toContain(`secret=${secret}&`);
  expect(qr_svg).toMatch(/^<svg/);
  expect(await failureOf(tollgate.totp.confirm("12345"))).toMatchObject({ status: 400, code: "incorrect_code" });
  expect((await tollgate.checkSession())?.second_factors).toEqual([]);

  const codes = await tollgate.totp.confirm(await new Authenticator(secret).code());
  expect(new Set(codes).size).toBe(10);
  expect((await tollgate.checkSession())?.second_factors).toEqual(["totp"]);
  expect(await failureOf(tollgate.totp.start())).toMatchObject({ status: 409, code: "already_enrolled" });
});

test("a login then takes a second step", async () => {
  const { username, authenticator } = await newEnrolled();
  const { tollgate } = openBrowser();
  const failure = await failureOf(tollgate.login({ username, password, staySignedIn: true }));
  expect(isTollgateError(failure, "second_factor_required")).toBe(true);
  expect(failure).toMatchObject({ status: 401, body: { methods: ["totp", "recovery_code"] } });
  expect(await tollgate.checkSession()).toBeNull();

  const wrong = { method: "totp", code: "12345" } as const;
  expect(await failureOf(tollgate.secondFactors.login(wrong))).toMatchObject({ status: 400, code: "incorrect_code" });
  const user = await tollgate.secondFactors.login({ method: "totp", code: await authenticator.code() });
  expect(user).toMatchObject({ username, second_factors: ["totp"], session: { stay_signed_in: true } });
  expect(user).not.toHaveProperty("recovery_codes_left");
  expect(await tollgate.checkSession()).toEqual(user);
});

test("a second step without a first one fails", async () => {
  const { tollgate } = openBrowser();
  const step = { method: "totp", code: "123456" } as const;
  expect(await failureOf(tollgate.secondFactors.login(step))).toMatchObject({ status: 401, code: "login_expired" });
});

test("a recovery code works once, and new ones void the old", async () => {
  const { username, recoveryCodes, browser } = await newEnrolled();
  const [first, second] = recoveryCodes as [string, string];
  const { tollgate } = openBrowser();
  const logIn = async (code: string) => {
    await failureOf(tollgate.login({ username, password }));
    return tollgate.secondFactors.login({ method: "recovery_code", code });
  };
  expect(await logIn(first)).toMatchObject({ username, recovery_codes_left: 9 });
  expect(await failureOf(logIn(first))).toMatchObject({ code: "incorrect_code" });

  const [replacement] = (await browser.tollgate.secondFactors.replaceRecoveryCodes()) as [string];
  expect(await failureOf(logIn(second))).toMatchObject({ code: "incorrect_code" });
  expect(await logIn(replacement)).toMatchObject({ recovery_codes_left: 9 });
});

test("a trusted browser needs no second factor until it is forgotten", async () => {
  const { username, authenticator } = await newEnrolled();
  const { tollgate } = openBrowser();
  await failureOf(tollgate.login({ username, password }));
  await tollgate.secondFactors.login({ method: "totp", code: await authenticator.code(), trustBrowser: true });
  await tollgate.logout();

  await tollgate.login({ username, password });
  expect((await tollgate.sessions.list()).map((device) => device.trusted_browser)).toEqual([true, false]);
  await tollgate.secondFactors.forgetTrustedBrowsers();
  expect((await tollgate.sessions.list()).map((device) => device.trusted_browser)).toEqual([false, false]);
  await tollgate.logout();
  expect(await failureOf(tollgate.login({ username, password }))).toMatchObject({ code: "second_factor_required" });
});

test("a session that is not fresh changes the second factor with the password", async () => {
  const { username, browser } = await newEnrolled();
  const { tollgate } = browser;
  browser.userAgent = "Firefox/146.0";
  expect(await failureOf(tollgate.secondFactors.replaceRecoveryCodes())).toMatchObject({ code: "fresh_login_required" });
  expect(await failureOf(tollgate.totp.remove())).toMatchObject({ code: "fresh_login_required" });
  expect(await failureOf(tollgate.totp.remove({ currentPassword: "a guess" }))).toMatchObject({ code: "incorrect_password" });

  expect(await tollgate.secondFactors.replaceRecoveryCodes({ currentPassword: password })).toHaveLength(10);
  await tollgate.totp.remove({ currentPassword: password });
  expect(await openBrowser().tollgate.login({ username, password })).toMatchObject({ second_factors: [] });
});

test("a login that waits for its second step ends the previous session, and the step begins one", async () => {
  const { username, recoveryCodes } = await newEnrolled();
  const reasons: SignOutReason[] = [];
  const { tollgate } = openBrowser({ onSignedOut: (reason) => reasons.push(reason) });
  await failureOf(tollgate.login({ username, password }));
  expect(reasons).toEqual([]);
  await tollgate.login(await newLogin());
  await failureOf(tollgate.login({ username, password }));
  await failureOf(tollgate.login({ username, password }));
  expect(reasons).toEqual(["signed_out"]);
  expect(await tollgate.checkSession()).toBeNull();

  await tollgate.secondFactors.login({ method: "recovery_code", code: recoveryCodes[0]! });
  expect(tollgate.session.signOutReason).toBeNull();
  await tollgate.logout();
  expect(reasons).toEqual(["signed_out", "signed_out"]);
});
