import { afterEach, expect, test, vi } from "vitest";

import { createTollgate, type SignOutReason } from "../src/index.js";
import { newLogin, openBrowser, openSignedIn, password } from "./browser.js";
import { failureOf } from "./failure.js";

afterEach(() => {
  vi.useRealTimers();
});

/** A browser that records why its sessions ended. */
function openRecording() {
  const reasons: SignOutReason[] = [];
  return { reasons, ...openBrowser({ onSignedOut: (reason) => reasons.push(reason) }) };
}

const HOUR = 3_600_000;
const FUTURE = "2999-01-01T00:00:00.000Z";

test("a session revoked elsewhere is reported once, by the next response", async () => {
  const login = await newLogin();
  const here = await openSignedIn();
  await here.tollgate.login(login);
  const there = openRecording();
  await there.tollgate.login(login);
  const { id } = (await here.tollgate.sessions.list()).find(({ current }) => !current)!;
  await here.tollgate.sessions.end(id);
  expect(await here.tollgate.sessions.list()).toHaveLength(1);
  expect(there.reasons).toEqual([]);
  expect(there.tollgate.session.signOutReason).toBeNull();

  expect(await failureOf(there.tollgate.meter())).toMatchObject({ status: 401, code: "login_required" });
  expect(there.reasons).toEqual(["ended_elsewhere"]);
  expect(await there.tollgate.checkSession()).toBeNull();
  await failureOf(there.tollgate.meter());
  expect(there.reasons).toEqual(["ended_elsewhere"]);
  expect(there.tollgate.session.signOutReason).toBe("ended_elsewhere");
});

test("checkSession reports a session that was revoked elsewhere", async () => {
  const login = await newLogin();
  const there = openRecording();
  await there.tollgate.login(login);
  const here = openBrowser();
  await here.tollgate.login(login);
  await here.tollgate.sessions.endOthers();
  expect(await there.tollgate.checkSession()).toBeNull();
  expect(there.reasons).toEqual(["ended_elsewhere"]);
});

test("logging out and deleting the account are reported as such, until the next login", async () => {
  const login = await newLogin();
  const { tollgate, reasons } = openRecording();
  await tollgate.login(login);
  await tollgate.logout();
  expect(reasons).toEqual(["signed_out"]);
  await tollgate.login(login);
  expect(tollgate.session.signOutReason).toBeNull();
  await tollgate.account.delete({ currentPassword: password });
  expect(reasons).toEqual(["signed_out", "account_deleted"]);
  expect(tollgate.session.signOutReason).toBe("account_deleted");
});

test("logging out of a session that is over is reported as signed out", async () => {
  const login = await newLogin();
  const { tollgate, reasons } = openRecording();
  await tollgate.login(login);
  const other = openBrowser();
  await other.tollgate.login(login);
  await other.tollgate.sessions.endOthers();
  await tollgate.logout();
  expect(reasons).toEqual(["signed_out"]);
});

test("a request that is refused while the client logs out does not say that the session ended elsewhere", async () => {
  let logOut = (_: Response) => {};
  const refused = { error: "please login", code: "login_required" };
  const responses: Record<string, () => Response | Promise<Response>> = {
    "/check_session": () => Response.json({ id: 1, session: { expires_at: FUTURE, idle_expires_at: FUTURE } }),
    "/meter": () => Response.json(refused, { status: 401 }),
    "/logout": () => new Promise((resolve) => (logOut = resolve)),
  };
  const reasons: SignOutReason[] = [];
  const { checkSession, logout, meter } = createTollgate({
    baseUrl: "http://localhost",
    fetch: async (input) => responses[new URL((input as Request).url).pathname]!(),
    onSignedOut: (reason) => reasons.push(reason),
  });
  await checkSession();
  const leaving = logout();
  await failureOf(meter());
  logOut(new Response(null, { status: 204 }));
  await leaving;
  expect(reasons).toEqual(["signed_out"]);

  // A log-out that failed says nothing about the next session.
  await checkSession();
  responses["/logout"] = () => Response.json({ error: "busy", code: "unavailable" }, { status: 503 });
  await failureOf(logout());
  await failureOf(meter());
  expect(reasons).toEqual(["signed_out", "ended_elsewhere"]);
});

test("a request that was sent before the session was replaced does not end the new one", async () => {
  const respond: Record<string, (response: Response) => void> = {};
  const user = { id: 1, session: { expires_at: FUTURE, idle_expires_at: FUTURE } };
  const refused = () => Response.json({ error: "please login", code: "login_required" }, { status: 401 });
  const reasons: SignOutReason[] = [];
  const { account, login, meter } = createTollgate({
    baseUrl: "http://localhost",
    fetch: (input) => new Promise((resolve) => (respond[new URL((input as Request).url).pathname] = resolve)),
    onSignedOut: (reason) => reasons.push(reason),
  });
  const sent = async (path: string) => vi.waitFor(() => expect(respond).toHaveProperty([path]));
  const first = login({ username: "ada", password: "correct horse" });
  await sent("/login");
  respond["/login"]!(Response.json(user));
  await first;

  const before = [failureOf(meter()), failureOf(account.subscription())];
  const change = account.changePassword({ currentPassword: "correct horse", newPassword: "seven wiser toads" });
  await Promise.all(["/meter", "/subscription", "/account/password"].map(sent));
  respond["/meter"]!(refused());
  await before[0];
  respond["/account/password"]!(new Response(null, { status: 204 }));
  await sent("/check_session");
  respond["/check_session"]!(Response.json(user));
  await change;
  respond["/subscription"]!(refused());
  await before[1];
  expect(reasons).toEqual([]);

  delete respond["/meter"];
  const after = failureOf(meter());
  await sent("/meter");
  respond["/meter"]!(refused());
  await after;
  expect(reasons).toEqual(["ended_elsewhere"]);
});

test.each([
  ["has expired once its idle time has passed since its last use", 0.95, "expired"],
  ["that was used within its idle time has not expired", 0.85, "ended_elsewhere"],
] as const)("a session %s", async (_, share, reason) => {
  const login = await newLogin();
  const { tollgate, reasons } = openRecording();
  vi.useFakeTimers({ toFake: ["Date"] });
  const { session } = await tollgate.login(login);
  const idleTime = Date.parse(session.idle_expires_at) - Date.now();
  vi.advanceTimersByTime(idleTime / 2);
  await tollgate.meter();
  const other = openBrowser();
  await other.tollgate.login(login);
  await other.tollgate.sessions.endOthers();
  vi.advanceTimersByTime(idleTime * share);
  await failureOf(tollgate.meter());
  expect(reasons).toEqual([reason]);
});

test("a session past its maximum age has expired, even if it was used", async () => {
  const login = await newLogin();
  const { tollgate, reasons } = openRecording();
  vi.useFakeTimers({ toFake: ["Date"] });
  const { session } = await tollgate.login(login);
  vi.setSystemTime(Date.parse(session.expires_at) - HOUR);
  await tollgate.meter();
  vi.advanceTimersByTime(2 * HOUR);
  const other = openBrowser();
  await other.tollgate.login(login);
  await other.tollgate.sessions.endOthers();
  await failureOf(tollgate.meter());
  expect(reasons).toEqual(["expired"]);
});

test("a client that has seen no session does not know why it ended", async () => {
  const { tollgate, reasons } = openRecording();
  const { error, response } = await tollgate.api.GET("/reads");
  expect(response.status).toBe(401);
  expect(error?.code).toBe("login_required");
  expect(reasons).toEqual(["unknown"]);
});

test("the first check of a visitor who is not signed in is not a sign-out", async () => {
  const { tollgate, reasons } = openRecording();
  expect(await tollgate.checkSession()).toBeNull();
  await failureOf(tollgate.meter());
  expect(reasons).toEqual([]);
  expect(tollgate.session.signOutReason).toBeNull();
});

test("a removed listener is not called", async () => {
  const { tollgate } = await openSignedIn();
  const reasons: SignOutReason[] = [];
  const remove = tollgate.session.onSignedOut((reason) => reasons.push(reason));
  remove();
  await tollgate.logout();
  expect(reasons).toEqual([]);
});
