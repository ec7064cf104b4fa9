import { expect, test } from "vitest";

import { createTollgate } from "../src/index.js";
import { createServerClient } from "../src/server/index.js";
import { newLogin } from "./browser.js";

const baseUrl = process.env["TOLLGATE_URL"]!;
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const VISITOR = "203.0.113.7";

/** The headers of a visitor who signed in through a proxy, as a rendering server behind it receives them. */
async function signIn(): Promise<Headers> {
  const headers = new Headers({ "X-Forwarded-For": VISITOR, "User-Agent": FIREFOX });
  const response = await fetch(`${baseUrl}/login`, {
    method: "POST",
    headers: { ...Object.fromEntries(headers), "Content-Type": "application/json" },
    body: JSON.stringify(await newLogin()),
  });
  expect(response.status).toBe(200);
  headers.set("Cookie", response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; "));
  return headers;
}

test("requests are made on behalf of the visitor, whose session stays fresh", async () => {
  const headers = await signIn();
  const { tollgate } = createServerClient({ baseUrl, headers, address: "127.0.0.1" });
  expect(await tollgate.checkSession()).not.toBeNull();
  expect((await tollgate.posts.get(1)).readsLeft?.remaining).toBe(1);
  expect(await tollgate.sessions.list()).toMatchObject([{ current: true, ip: VISITOR, user_agent: FIREFOX }]);
  // Would need the password if the session had seemed to move.
  expect((await tollgate.account.update({ username: `ada-${crypto.randomUUID()}` })).id).toBeGreaterThan(0);
});

test("the headers of Node's IncomingMessage are taken too", async () => {
  const headers = Object.fromEntries(await signIn());
  const { tollgate } = createServerClient({ baseUrl, headers, address: "127.0.0.1" });
  expect(await tollgate.sessions.list()).toMatchObject([{ ip: VISITOR, user_agent: FIREFOX }]);
});

test("cookies that are set for the visitor are collected", async () => {
  const headers = await signIn();
  const { tollgate, setCookies } = createServerClient({ baseUrl, headers, address: "127.0.0.1" });
  expect(setCookies).toEqual([]);
  await tollgate.logout();
  expect(setCookies).toEqual([expect.stringMatching(/^session=; .*Max-Age=0/)]);
});

test("a page that the visitor's browser prefetches or another site embeds does not cost a read", async () => {
  const visitor = await signIn();
  const unread: Record<string, string>[] = [
    { "Sec-Purpose": "prefetch" },
    { Purpose: "prefetch" },
    { "Next-Router-Prefetch": "1" },
    { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" },
  ];
  for (const intent of unread) {
    const headers = { ...Object.fromEntries(visitor), ...intent };
    const { tollgate } = createServerClient({ baseUrl, headers: new Headers(headers), address: "127.0.0.1" });
    await expect(tollgate.posts.get(1), JSON.stringify(intent)).rejects.toMatchObject({ code: "not_a_read" });
    expect((await tollgate.meter()).used).toBe(0);
  }
});

test("a visitor without cookies, user agent or proxy is forwarded as such", async () => {
  let sent = new Headers();
  const recording: typeof fetch = async (input, init) => {
    sent = new Request(input, init).headers;
    return Response.json({ error: "no user logged in", code: "not_logged_in" }, { status: 401 });
  };
  const { tollgate } = createServerClient({ baseUrl, headers: {}, address: VISITOR, fetch: recording });
  expect(await tollgate.checkSession()).toBeNull();
  expect(Object.fromEntries(sent)).toEqual({
    accept: "application/json",
    "x-forwarded-for": VISITOR,
    "x-forwarded-user-agent": "",
  });
});

test("two visitors share nothing", async () => {
  const [one, other] = [await signIn(), new Headers()].map((headers) => createServerClient({ baseUrl, headers }));
  expect(await one!.tollgate.checkSession()).not.toBeNull();
  expect(await other!.tollgate.checkSession()).toBeNull();
  expect(await createTollgate({ baseUrl }).checkSession()).toBeNull();
});

test("a page of one's own is metered, once for each reader", async () => {
  const headers = await signIn();
  const { tollgate, forwardAuth } = createServerClient({ baseUrl, headers, address: "127.0.0.1" });
  const { id, username } = (await tollgate.checkSession())!;
  const reader = { id, username, role: "user", subscribed: false };
  const page = { url: "/essays/tolls?from=feed", method: "GET" };
  for (const request of [page, page, new Request("https://blog.example/essays/tolls")]) {
    expect(await forwardAuth(request, { meter: true })).toEqual({
      allowed: true,
      reader,
      access: "full",
      code: null,
      readsLeft: { limit: 2, remaining: 1, resetsIn: expect.any(Number) },
    });
  }
  await forwardAuth({ url: "/essays/ferries", method: "HEAD" }, { meter: true });
  expect((await tollgate.meter()).used).toBe(1);

  await forwardAuth({ url: "/essays/ferries" }, { meter: true });
  const refused = await forwardAuth({ url: "/essays/bridges" }, { meter: true });
  expect(refused).toMatchObject({ allowed: false, status: 403, code: "payment_required", body: { limit: 2, used: 2 } });
  const teaser = await forwardAuth({ url: "/essays/bridges" }, { meter: true, teaser: true });
  expect(teaser).toMatchObject({ allowed: true, reader, access: "teaser", code: "payment_required" });
  expect(await forwardAuth(page, { require: "subscriber" })).toMatchObject({ code: "subscription_required" });
});

test("an anonymous reader passes, and a username is decoded", async () => {
  const metered = { "X-Reads-Limit": "3", "X-Reads-Remaining": "2", "X-Reads-Reset": "60", "X-Tollgate-Subscribed": "false" };
  const user = { "X-Tollgate-User-Id": "7", "X-Tollgate-Username": "al%C3%ADce", "X-Tollgate-Role": "editor" };
  const answers: Record<string, string>[] = [
    { ...metered, "Set-Cookie": "reader=1" },
    { ...user, "X-Tollgate-Subscribed": "true" },
  ];
  const asked: string[] = [];
  const answering: typeof fetch = async (input) => {
    const { url, headers } = input as Request;
    asked.push(`${url} ${headers.get("X-Forwarded-Method")} ${headers.get("X-Forwarded-Uri")}`);
    return new Response(null, { status: 204, headers: answers.shift()! });
  };
  const client = createServerClient({ baseUrl: "http://tollgate", headers: {}, fetch: answering });
  expect(await client.forwardAuth({ url: "/essays/tolls?a=b", method: "GET" }, { meter: true })).toMatchObject({
    reader: null,
    readsLeft: { limit: 3, remaining: 2, resetsIn: 60 },
  });
  expect(await client.forwardAuth(new Request("https://blog.example/a?b=c"), { require: "subscriber" })).toMatchObject({
    reader: { id: 7, username: "alíce", role: "editor", subscribed: true },
    readsLeft: null,
  });
  expect(client.setCookies).toEqual(["reader=1"]);
  expect(asked).toEqual([
    "http://tollgate/forward-auth?meter=1 GET /essays/tolls?a=b",
    "http://tollgate/forward-auth?require=subscriber GET /a?b=c",
  ]);
});

test("a visitor who is not signed in is refused a page, and a server that cannot tell is an error", async () => {
  const { forwardAuth } = createServerClient({ baseUrl, headers: {}, address: "127.0.0.1" });
  expect(await forwardAuth({ url: "/essays/tolls" })).toMatchObject({
    allowed: false,
    status: 401,
    code: "login_required",
  });
  const down = createServerClient({ baseUrl, headers: {}, fetch: async () => new Response("down", { status: 502 }) });
  await expect(down.forwardAuth({ url: "/" })).rejects.toMatchObject({ code: "network", status: 502 });
  const proxy = createServerClient({ baseUrl, headers: {}, fetch: async () => new Response("no", { status: 403 }) });
  await expect(proxy.forwardAuth({ url: "/" })).rejects.toMatchObject({ code: "network", status: 403 });
});
