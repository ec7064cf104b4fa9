import { randomUUID } from "node:crypto";

import { afterEach, expect, test, vi } from "vitest";

import { supportsPasskeyAutofill, supportsPasskeys } from "../src/index.js";
import { newLogin, openBrowser, openSignedIn, password } from "./browser.js";
import { newEnrolled } from "./enrolled.js";
import { failureOf } from "./failure.js";
import { base64url, PasskeyBrowser } from "./passkeys.js";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The default is one second, in which a busy machine does not always answer. */
const eventually = (assertion: () => void) => vi.waitFor(assertion, { timeout: 10_000 });

test("a passkey is added, renamed and deleted", async () => {
  new PasskeyBrowser().open();
  const { tollgate } = await openSignedIn();
  expect(await tollgate.passkeys.list()).toEqual([]);
  const added = await tollgate.passkeys.add();
  expect(added).toMatchObject({ name: "Passkey", last_used_at: null, backed_up: false });
  expect((await tollgate.checkSession())?.second_factors).toEqual(["passkey"]);

  const renamed = await tollgate.passkeys.rename(added.id, "My phone");
  expect(renamed).toEqual({ ...added, name: "My phone" });
  expect(await tollgate.passkeys.list()).toEqual([renamed]);
  expect(await failureOf(tollgate.passkeys.rename(added.id, ""))).toMatchObject({ code: "invalid_fields" });

  await tollgate.passkeys.remove(added.id);
  expect(await tollgate.passkeys.list()).toEqual([]);
  expect(await failureOf(tollgate.passkeys.remove(added.id))).toMatchObject({ status: 404 });
});

test("a session that is not fresh adds and deletes passkeys with the password", async () => {
  new PasskeyBrowser().open();
  const browser = await openSignedIn();
  const { tollgate } = browser;
  browser.userAgent = "Firefox/146.0";
  expect(await failureOf(tollgate.passkeys.add())).toMatchObject({ code: "fresh_login_required" });
  const { id, name } = await tollgate.passkeys.add({ name: "My phone", currentPassword: password });
  expect(name).toBe("My phone");
  expect(await failureOf(tollgate.passkeys.remove(id))).toMatchObject({ code: "fresh_login_required" });
  await tollgate.passkeys.remove(id, { currentPassword: password });
});

test("a passkey signs in without a username", async () => {
  new PasskeyBrowser().open();
  const { tollgate } = await openSignedIn();
  await tollgate.passkeys.add();
  const { username } = (await tollgate.checkSession())!;

  const elsewhere = openBrowser().tollgate;
  const user = await elsewhere.passkeys.login({ staySignedIn: true });
  expect(user).toMatchObject({ username, session: { stay_signed_in: true } });
  expect(await elsewhere.checkSession()).toEqual(user);
  expect((await elsewhere.passkeys.list())[0]?.last_used_at).not.toBeNull();
});

test("a passkey completes a login with the password", async () => {
  new PasskeyBrowser().open();
  const login = await newLogin();
  const { tollgate } = openBrowser();
  await tollgate.login(login);
  await tollgate.passkeys.add();
  const elsewhere = openBrowser().tollgate;
  expect(await failureOf(elsewhere.login(login))).toMatchObject({ body: { methods: ["passkey"] } });
  const user = await elsewhere.secondFactors.login({ method: "passkey", trustBrowser: true });
  expect(user).toMatchObject({ username: login.username, second_factors: ["passkey"] });
  expect((await elsewhere.sessions.list()).map((device) => device.trusted_browser)).toEqual([true, false]);
});

test("the session tracker sees a login with a passkey", async () => {
  new PasskeyBrowser().open();
  await (await openSignedIn()).tollgate.passkeys.add();
  const { tollgate } = await openSignedIn();
  await tollgate.logout();
  expect(tollgate.session.signOutReason).toBe("signed_out");
  await tollgate.passkeys.login();
  expect(tollgate.session.signOutReason).toBeNull();
});

test("an authenticator that has a passkey of the account creates no second one", async () => {
  new PasskeyBrowser().open();
  const { tollgate } = await openSignedIn();
  await tollgate.passkeys.add();
  expect(await failureOf(tollgate.passkeys.add())).toMatchObject({ status: 0, code: "already_enrolled" });
});

test("a browser without a passkey, or without passkeys, is told apart", async () => {
  const { tollgate } = openBrowser();
  expect(supportsPasskeys()).toBe(false);
  expect(await supportsPasskeyAutofill()).toBe(false);
  expect(await failureOf(tollgate.passkeys.login())).toMatchObject({ status: 0, code: "passkey_failed" });

  new PasskeyBrowser().open();
  expect(supportsPasskeys()).toBe(true);
  expect(await supportsPasskeyAutofill()).toBe(true);
  expect(await failureOf(tollgate.passkeys.login())).toMatchObject({ status: 0, code: "passkey_cancelled" });
});

test("an offer waits until a passkey is chosen, and ends when the window is opened", async () => {
  const passkeys = new PasskeyBrowser().open();
  await (await openSignedIn()).tollgate.passkeys.add();
  const asked: (string | undefined)[] = [];
  passkeys.choose = ({ mediation }) => {
    asked.push(mediation);
    return mediation === "conditional" ? new Promise(() => {}) : Promise.resolve();
  };
  const { tollgate } = openBrowser();
  const offer = failureOf(tollgate.passkeys.login({ mediation: "conditional" }));
  await eventually(() => expect(asked).toEqual(["conditional"]));
  await tollgate.passkeys.login();
  expect(await offer).toMatchObject({ code: "passkey_cancelled" });
  expect(asked).toEqual(["conditional", undefined]);
});

test("an offer ends when it is aborted, also before it was made", async () => {
  const passkeys = new PasskeyBrowser().open();
  const { tollgate } = openBrowser();
  const controller = new AbortController();
  passkeys.choose = async () => controller.abort();
  const options = { mediation: "conditional", signal: controller.signal } as const;
  expect(await failureOf(tollgate.passkeys.login(options))).toMatchObject({ code: "passkey_cancelled" });
  expect(await failureOf(tollgate.passkeys.login(options))).toMatchObject({ code: "passkey_cancelled" });
});

test("an offer is renewed before its challenge expires", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const passkeys = new PasskeyBrowser().open();
  await (await openSignedIn()).tollgate.passkeys.add();
  const challenges: BufferSource[] = [];
  passkeys.choose = ({ publicKey }) => {
    challenges.push(publicKey!.challenge);
    return challenges.length === 1 ? new Promise(() => {}) : Promise.resolve();
  };
  const login = openBrowser().tollgate.passkeys.login({ mediation: "conditional", staySignedIn: () => true });
  await eventually(() => expect(challenges).toHaveLength(1));
  await vi.advanceTimersByTimeAsync(239_000);
  expect(challenges).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect((await login).session.stay_signed_in).toBe(true);
  expect(challenges).toHaveLength(2);
});

test("an offer that cannot be made is no error to show", async () => {
  new PasskeyBrowser().open();
  const { tollgate } = openBrowser({ fetch: async () => Promise.reject(new TypeError("offline")) });
  const failure = await failureOf(tollgate.passkeys.login({ mediation: "conditional" }));
  expect(failure).toMatchObject({ code: "passkey_cancelled", cause: { code: "network" } });
});

test("the browser is told which passkeys remain, and that one is unknown", async () => {
  const passkeys = new PasskeyBrowser().open();
  const { tollgate } = await openSignedIn();
  const first = await tollgate.passkeys.add();
  const [key] = passkeys.keys.splice(0);
  await tollgate.passkeys.add();
  const [other] = passkeys.keys;
  await tollgate.passkeys.remove(first.id);
  const rpId = "localhost";
  await eventually(() => expect(passkeys.told.remaining).toHaveLength(1));
  const allAcceptedCredentialIds = [base64url(other!.id)];
  expect(passkeys.told.remaining).toEqual([{ rpId, userId: base64url(key!.user), allAcceptedCredentialIds }]);

  passkeys.keys.splice(0, 1, key!);
  expect(await failureOf(openBrowser().tollgate.passkeys.login())).toMatchObject({ code: "invalid_credential" });
  expect(passkeys.told.unknown).toEqual([{ rpId, credentialId: base64url(key!.id) }]);
});

test("a passkey that is refused on another host may be known", async () => {
  const passkeys = new PasskeyBrowser().open();
  const { tollgate } = await openSignedIn();
  const { id } = await tollgate.passkeys.add();
  await tollgate.passkeys.remove(id);
  vi.stubGlobal("location", new URL("http://app.localhost"));
  expect(await failureOf(tollgate.passkeys.login())).toMatchObject({ code: "invalid_credential" });
  expect(passkeys.told.unknown).toEqual([]);
});

test("the browser is told the new username", async () => {
  const passkeys = new PasskeyBrowser().open();
  const { tollgate, requests } = await openSignedIn();
  await tollgate.account.update({ username: `ada-${randomUUID()}` });
  expect(requests).not.toContain("POST /account/passkeys/options");
  await tollgate.passkeys.add();
  const name = `ada-${randomUUID()}`;
  await tollgate.account.update({ username: name });
  await eventually(() => expect(passkeys.told.users).toHaveLength(1));
  const userId = base64url(passkeys.keys[0]!.user);
  expect(passkeys.told.users).toEqual([{ rpId: "localhost", userId, name, displayName: name }]);
});

test("a browser that cannot be told costs no request", async () => {
  new PasskeyBrowser().open({ canSignal: false });
  const { tollgate, requests } = await openSignedIn();
  const { id } = await tollgate.passkeys.add();
  await tollgate.account.update({ username: `ada-${randomUUID()}` });
  await tollgate.passkeys.remove(id);
  await tollgate.checkSession();
  expect(requests.filter((request) => request === "POST /account/passkeys/options")).toHaveLength(1);
});

test("a deletion succeeds even if the browser cannot be told", async () => {
  const passkeys = new PasskeyBrowser().open();
  const { tollgate } = await openSignedIn();
  const { id } = await tollgate.passkeys.add();
  vi.stubGlobal("PublicKeyCredential", {
    signalAllAcceptedCredentials: () => Promise.reject(new DOMException("another site", "SecurityError")),
  });
  await tollgate.passkeys.remove(id);
  expect(passkeys.told.remaining).toEqual([]);
  expect(await tollgate.passkeys.list()).toEqual([]);
});

test("codes work beside passkeys", async () => {
  new PasskeyBrowser().open();
  const { username, recoveryCodes, browser } = await newEnrolled();
  await browser.tollgate.passkeys.add();
  const { tollgate } = openBrowser();
  const failure = await failureOf(tollgate.login({ username, password }));
  expect(failure).toMatchObject({ body: { methods: ["totp", "passkey", "recovery_code"] } });
  const code = recoveryCodes[0]!;
  expect(await tollgate.secondFactors.login({ method: "recovery_code", code })).toMatchObject({
    second_factors: ["totp", "passkey"],
    recovery_codes_left: 9,
  });
});
