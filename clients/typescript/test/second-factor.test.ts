import { expect, test } from "vitest";

import { isSecondFactorRequired, type SignOutReason } from "../src/index.js";
import { Authenticator } from "./authenticator.js";
import { newLogin, openBrowser, openSignedIn, password } from "./browser.js";
import { newEnrolled } from "./enrolled.js";
import { failureOf } from "./failure.js";

test("an app is enrolled with its first code", async () => {
  const { tollgate } = await openSignedIn();
  const { secret, otpauth_uri, qr_svg } = await tollgate.startTotp();
  expect(otpauth_uri).toContain(`secret=${secret}&`);
  expect(qr_svg).toMatch(/^<svg/);
  expect(await failureOf(tollgate.confirmTotp("12345"))).toMatchObject({ status: 400, code: "incorrect_code" });
  expect((await tollgate.checkSession())?.second_factors).toEqual([]);

  const codes = await tollgate.confirmTotp(await new Authenticator(secret).code());
  expect(new Set(codes).size).toBe(10);
  expect((await tollgate.checkSession())?.second_factors).toEqual(["totp"]);
  expect(await failureOf(tollgate.startTotp())).toMatchObject({ status: 409, code: "already_enrolled" });
});

test("a login then takes a second step", async () => {
  const { username, authenticator } = await newEnrolled();
  const { tollgate } = openBrowser();
  const failure = await failureOf(tollgate.login({ username, password, stay_signed_in: true }));
  expect(isSecondFactorRequired(failure)).toBe(true);
  expect(failure).toMatchObject({ status: 401, body: { methods: ["totp", "recovery_code"] } });
  expect(await tollgate.checkSession()).toBeNull();

  const wrong = { method: "totp", code: "12345" } as const;
  expect(await failureOf(tollgate.loginSecondFactor(wrong))).toMatchObject({ status: 400, code: "incorrect_code" });
  const user = await tollgate.loginSecondFactor({ method: "totp", code: await authenticator.code() });
  expect(user).toMatchObject({ username, second_factors: ["totp"], session: { stay_signed_in: true } });
  expect(user).not.toHaveProperty("recovery_codes_left");
  expect(await tollgate.checkSession()).toEqual(user);
});

test("a second step without a first one fails", async () => {
  const { tollgate } = openBrowser();
  const step = { method: "totp", code: "123456" } as const;
  expect(await failureOf(tollgate.loginSecondFactor(step))).toMatchObject({ status: 401, code: "login_expired" });
});

test("a recovery code works once, and new ones void the old", async () => {
  const { username, recoveryCodes, browser } = await newEnrolled();
  const [first, second] = recoveryCodes as [string, string];
  const { tollgate } = openBrowser();
  const logIn = async (code: string) => {
    await failureOf(tollgate.login({ username, password }));
    return tollgate.loginSecondFactor({ method: "recovery_code", code });
  };
  expect(await logIn(first)).toMatchObject({ username, recovery_codes_left: 9 });
  expect(await failureOf(logIn(first))).toMatchObject({ code: "incorrect_code" });

  const [replacement] = (await browser.tollgate.replaceRecoveryCodes()) as [string];
  expect(await failureOf(logIn(second))).toMatchObject({ code: "incorrect_code" });
  expect(await logIn(replacement)).toMatchObject({ recovery_codes_left: 9 });
});

test("a trusted browser needs no second factor until it is forgotten", async () => {
  const { username, authenticator } = await newEnrolled();
  const { tollgate } = openBrowser();
  await failureOf(tollgate.login({ username, password }));
  await tollgate.loginSecondFactor({ method: "totp", code: await authenticator.code(), trust_browser: true });
  await tollgate.logout();

  await tollgate.login({ username, password });
  expect((await tollgate.devices()).map((device) => device.trusted_browser)).toEqual([true, false]);
  await tollgate.forgetTrustedBrowsers();
  expect((await tollgate.devices()).map((device) => device.trusted_browser)).toEqual([false, false]);
  await tollgate.logout();
  expect(await failureOf(tollgate.login({ username, password }))).toMatchObject({ code: "second_factor_required" });
});

test("a session that is not fresh changes the second factor with the password", async () => {
  const { username, browser } = await newEnrolled();
  const { tollgate } = browser;
  browser.userAgent = "Firefox/146.0";
  expect(await failureOf(tollgate.replaceRecoveryCodes())).toMatchObject({ code: "fresh_login_required" });
  expect(await failureOf(tollgate.removeTotp())).toMatchObject({ code: "fresh_login_required" });
  expect(await failureOf(tollgate.removeTotp("a guess"))).toMatchObject({ code: "incorrect_password" });

  expect(await tollgate.replaceRecoveryCodes(password)).toHaveLength(10);
  await tollgate.removeTotp(password);
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

  await tollgate.loginSecondFactor({ method: "recovery_code", code: recoveryCodes[0]! });
  expect(tollgate.signOutReason).toBeNull();
  await tollgate.logout();
  expect(reasons).toEqual(["signed_out", "signed_out"]);
});
