import { expect, test } from "vitest";

import { createTollgate } from "../src/index.js";
import { openSignedIn } from "./browser.js";
import { failureOf } from "./failure.js";

/** A client whose requests are answered here: the tests' server has no admin. */
function answered(response: () => Response) {
  const requests: string[] = [];
  const fetch = async (request: Request) => {
    const body = await request.text();
    requests.push(`${request.method} ${request.url.replace("http://tollgate", "")}${body && ` ${body}`}`);
    return response();
  };
  const { admin } = createTollgate({ baseUrl: "http://tollgate", fetch: fetch as typeof globalThis.fetch });
  return { admin, requests };
}

const noContent = () => new Response(null, { status: 204 });

test("users are listed in pages", async () => {
  const link = '</users?role=user&limit=1&before=7>; rel="next"';
  const { admin, requests } = answered(() => Response.json([{ id: 7 }], { headers: { Link: link } }));
  expect(await admin.users.list({ role: "user", limit: 1, query: undefined })).toEqual({ items: [{ id: 7 }], before: 7 });
  expect(requests).toEqual(["GET /users?role=user&limit=1"]);
});

test("each act is one request", async () => {
  const { admin, requests } = answered(noContent);
  await admin.users.remove(7);
  await admin.users.endSessions(7);
  await admin.users.removeSecondFactors(7);
  await admin.users.unlock(7);
  await admin.users.sendPasswordReset(7);
  await admin.users.removeTokens(7);
  await admin.users.removeTokens(7, 3);
  await admin.endAllSessions();
  await admin.removeAllTokens();
  await admin.outbox.retry(12);
  await admin.outbox.discard(12);
  await admin.payments.assign("cs_1", 7);
  expect(requests).toEqual([
    "DELETE /users/7",
    "DELETE /users/7/sessions",
    "DELETE /users/7/second-factors",
    "DELETE /users/7/lockout",
    "POST /users/7/password-reset",
    "DELETE /users/7/tokens",
    "DELETE /users/7/tokens/3",
    "DELETE /sessions?all=1",
    "DELETE /tokens?all=1",
    "POST /outbox/12/retry",
    "DELETE /outbox/12",
    'PUT /payments/cs_1 {"user_id":7}',
  ]);
});

test("events are listed in pages", async () => {
  const link = '</users/7/audit?limit=1&before=5>; rel="next"';
  const { admin, requests } = answered(() => Response.json([{ id: 5 }], { headers: { Link: link } }));
  expect(await admin.users.audit(7, { limit: 1, before: 9 })).toEqual({ items: [{ id: 5 }], before: 5 });
  expect(requests).toEqual(["GET /users/7/audit?limit=1&before=9"]);
});

test("the events of all accounts are filtered", async () => {
  const { admin, requests } = answered(() => Response.json([]));
  expect(await admin.events({ by: "editor", event: "deleted", since: undefined })).toEqual({ items: [], before: null });
  expect(requests).toEqual(["GET /audit?by=editor&event=deleted"]);
});

test("messages and payments are listed in pages", async () => {
  const link = (path: string) => ({ headers: { Link: `<${path}>; rel="next"` } });
  const outbox = answered(() => Response.json([{ id: 12 }], link("/outbox?limit=1&before=12")));
  expect(await outbox.admin.outbox.list({ limit: 1 })).toEqual({ items: [{ id: 12 }], before: 12 });
  const { admin, requests } = answered(() => Response.json([], link("/payments?unmatched=1&limit=1&before=cs_1")));
  expect(await admin.payments.list({ unmatched: true, limit: 1, before: "cs_2" })).toEqual({ items: [], before: "cs_1" });
  await admin.payments.list({ unmatched: false });
  expect(requests).toEqual(["GET /payments?unmatched=1&limit=1&before=cs_2", "GET /payments"]);
});

test("the statistics of posts are listed in pages", async () => {
  const link = '</stats/posts?from=2026-11-21&limit=1&before=-2>; rel="next"';
  const row = { path: "/a", title: null, reads: 1, readers: 1, refusals: 0, sign_ups: 0, subscriptions: 0 };
  const { admin, requests } = answered(() => Response.json([row], { headers: { Link: link } }));
  expect(await admin.postStatistics({ from: "2026-11-21", to: undefined, limit: 1 })).toEqual({ items: [row], before: -2 });
  expect(await admin.postStatistics()).toEqual({ items: [row], before: -2 });
  expect(requests).toEqual(["GET /stats/posts?from=2026-11-21&limit=1", "GET /stats/posts"]);
});

test("what is recorded of a user is read, and the meter set", async () => {
  const { admin, requests } = answered(() => Response.json([]));
  expect([await admin.users.sessions(7), await admin.users.tokens(7), await admin.users.export(7)]).toEqual([[], [], []]);
  await admin.users.setMeter(7, 2);
  expect(requests).toEqual(["GET /users/7/sessions", "GET /users/7/tokens", "GET /users/7/export", 'PUT /users/7/meter {"used":2}']);
});

test("a change sends what it names", async () => {
  const { admin, requests } = answered(() => Response.json({ id: 7, role: "admin" }));
  expect(await admin.users.update(7, { role: "admin", isActive: undefined })).toMatchObject({ role: "admin" });
  expect(requests).toEqual(['PATCH /users/7 {"role":"admin"}']);
});

test("a reader is not an admin", async () => {
  const { tollgate } = await openSignedIn();
  expect(await failureOf(tollgate.admin.users.list())).toMatchObject({ status: 403, code: "forbidden" });
  expect(await failureOf(tollgate.admin.users.get(1))).toMatchObject({ status: 403, code: "forbidden" });
});
