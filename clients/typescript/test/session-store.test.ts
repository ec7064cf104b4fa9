import { afterEach, expect, test, vi } from "vitest";

import { createTollgate, type SignOutReason } from "../src/index.js";
import { newLogin, openBrowser, openSignedIn, password } from "./browser.js";
import { failureOf } from "./failure.js";
import { newEnrolled } from "./enrolled.js";

const FUTURE = "2999-01-01T00:00:00.000Z";
const user = (id: number) => ({ id, session: { expires_at: FUTURE, idle_expires_at: FUTURE } });
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
  vi.unstubAllGlobals();
});

test("the session is unknown, then nobody's, then the user's, and nobody's again", async () => {
  const { tollgate } = openBrowser();
  const seen: (string | null | undefined)[] = [];
  tollgate.session.subscribe((user) => seen.push(user && user.username));
  expect(tollgate.session.get()).toBeUndefined();
  await tollgate.checkSession();
  expect(tollgate.session.get()).toBeNull();

  const login = await newLogin();
  const user = await tollgate.login(login);
  expect(tollgate.session.get()).toEqual(user);
  await tollgate.checkSession();
  await tollgate.logout();
  expect(seen).toEqual([null, login.username, null]);
});

test("signing up signs in", async () => {
  const { tollgate, requests } = openBrowser();
  const { username } = await newLogin();
  const values = { username: `${username}2`, password, email: undefined, staySignedIn: true };
  const user = await tollgate.signUp(values);
  expect(user).toMatchObject({ username: values.username, session: { stay_signed_in: true } });
  expect(tollgate.session.get()).toEqual(user);
  expect(requests).toEqual(["POST /register", "POST /login"]);
  expect(await failureOf(tollgate.signUp(values))).toMatchObject({ code: "username_taken" });
});

test("the session has what the user changes", async () => {
  const { tollgate } = await openSignedIn();
  const email = `${crypto.randomUUID()}@example.org`;
  await tollgate.account.update({ email });
  expect(tollgate.session.get()).toMatchObject({ pending_email: email, session: { stay_signed_in: false } });
  const before = tollgate.session.get()?.session.fresh_until;
  await tollgate.account.changePassword({ currentPassword: password, newPassword: "seven wiser toads" });
  expect(tollgate.session.get()?.session.fresh_until).not.toBe(before);

  const enrolled = (await newEnrolled()).browser.tollgate;
  expect(enrolled.session.get()?.second_factors).toEqual(["totp"]);
  await enrolled.totp.remove();
  expect(enrolled.session.get()?.second_factors).toEqual([]);
});

test("what a login says once is not kept", async () => {
  const { username, recoveryCodes } = await newEnrolled();
  const { tollgate } = openBrowser();
  await failureOf(tollgate.login({ username, password }));
  const { recovery_codes_left, ...user } = await tollgate.secondFactors.login({
    method: "recovery_code",
    code: recoveryCodes[0]!,
  });
  expect(recovery_codes_left).toBe(9);
  expect(tollgate.session.get()).toEqual(user);
});

test("a listener that was removed is not called, and a failed refresh is no failed change", async () => {
  const responses = [Response.json(user(1)), new Response(null, { status: 204 }), new Response("down", { status: 502 })];
  const tollgate = createTollgate({ baseUrl: "http://localhost", fetch: async () => responses.shift()! });
  let calls = 0;
  tollgate.session.subscribe(() => calls++)();
  await tollgate.checkSession();
  await tollgate.email.verify("a token");
  expect(responses).toEqual([]);
  expect([calls, tollgate.session.get()]).toEqual([0, user(1)]);
});

test("a page that was rendered for a user begins with the user", async () => {
  const { tollgate } = await openSignedIn();
  const initialUser = tollgate.session.get();
  const page = createTollgate({ baseUrl: "http://localhost", initialUser });
  expect(page.session.get()).toEqual(initialUser);
});

/** Tabs of a browser: clients of the same page. `respond` answers the requests of all. */
function openTabs(count: number, respond: (path: string) => Response | Promise<Response>) {
  const channels: BroadcastChannel[] = [];
  class Tracked extends BroadcastChannel {
    constructor(name: string) {
      super(name);
      channels.push(this);
    }
  }
  vi.stubGlobal("BroadcastChannel", Tracked);
  closing.push(() => channels.forEach((channel) => channel.close()));
  // Other tests run at the same time.
  const baseUrl = `http://${crypto.randomUUID()}.example`;
  return Array.from({ length: count }, () => {
    const reasons: SignOutReason[] = [];
    const tollgate = createTollgate({
      baseUrl,
      fetch: async (input) => respond(new URL((input as Request).url).pathname),
      onSignedOut: (reason) => reasons.push(reason),
      shareWithTabs: true,
    });
    return { tollgate, reasons };
  });
}

test("other tabs hear of sign-ins and sign-outs", async () => {
  const [one, other] = openTabs(2, (path) =>
    path === "/logout" ? new Response(null, { status: 204 }) : Response.json(user(7)),
  );
  await one!.tollgate.login({ username: "ada", password });
  await vi.waitFor(() => expect(other!.tollgate.session.get()).toEqual(user(7)));
  expect(other!.reasons).toEqual([]);

  await other!.tollgate.logout();
  await vi.waitFor(() => expect(one!.tollgate.session.get()).toBeNull());
  expect([one!.reasons, other!.reasons]).toEqual([["signed_out"], ["signed_out"]]);
});

test("a session that a tab finds ended is no news for the others, which may have a newer one", async () => {
  let isSignedIn = true;
  const refused = () => Response.json({ error: "please login", code: "login_required" }, { status: 401 });
  const [one, other, third] = openTabs(3, () => (isSignedIn ? Response.json(user(7)) : refused()));
  await one!.tollgate.checkSession();
  await other!.tollgate.checkSession();
  isSignedIn = false;
  await failureOf(one!.tollgate.meter());
  isSignedIn = true;
  // Arrives after what the first tab might have sent.
  await one!.tollgate.login({ username: "ada", password });
  await vi.waitFor(() => expect(third!.tollgate.session.get()).toEqual(user(7)));
  expect([one!.reasons, other!.reasons]).toEqual([["ended_elsewhere"], []]);
});

test("a request that was sent before another tab signed in does not end the new session", async () => {
  let refuse = () => {};
  const refused = new Promise<Response>((resolve) => {
    refuse = () => resolve(Response.json({ error: "please login", code: "login_required" }, { status: 401 }));
  });
  const [one, other] = openTabs(2, (path) => (path === "/meter" ? refused : Response.json(user(7))));
  const early = failureOf(other!.tollgate.meter());
  await one!.tollgate.login({ username: "ada", password });
  await vi.waitFor(() => expect(other!.tollgate.session.get()).toEqual(user(7)));
  refuse();
  await early;
  expect(other!.tollgate.session.get()).toEqual(user(7));
});

test("clients with a token and clients of a server hear nothing", async () => {
  const opened = vi.fn();
  vi.stubGlobal("BroadcastChannel", opened);
  createTollgate({ baseUrl: "http://localhost" });
  vi.stubGlobal("window", globalThis);
  createTollgate({ baseUrl: "http://localhost", token: "tgt_" });
  expect(opened).not.toHaveBeenCalled();
  createTollgate({ baseUrl: "http://localhost" });
  expect(opened).toHaveBeenCalledOnce();
});
