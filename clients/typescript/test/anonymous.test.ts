import { expect, test } from "vitest";

import { createTollgate } from "../src/index.js";
import { failureOf } from "./failure.js";

const usedUp = {
  error: "please login",
  code: "login_required",
  limit: 2,
  used: 2,
  resets_at: "2026-12-21T10:00:00.000Z",
  post_title: "On tolls",
  excerpt: "Who pays for a bridge?",
  anonymous: true,
};

const user = {
  id: 1,
  session: { expires_at: "2999-01-01T00:00:00.000Z", idle_expires_at: "2999-01-01T00:00:00.000Z" },
};

/** A client whose requests all get these responses in turn. */
function responding(...responses: Response[]) {
  const reasons: string[] = [];
  const fetch = async () => responses.shift()!;
  const tollgate = createTollgate({ baseUrl: "http://localhost", fetch, onSignedOut: (reason) => reasons.push(reason) });
  return { tollgate, reasons };
}

test("an anonymous reader who has used up the reads was not signed out", async () => {
  const { tollgate, reasons } = responding(Response.json(usedUp, { status: 401 }));
  const failure = await failureOf(tollgate.posts.get(1));
  if (failure.code !== "login_required" || !failure.body.anonymous) throw failure;
  expect(failure.body.excerpt).toBe(usedUp.excerpt);
  expect(failure.body).toEqual(usedUp);
  expect([reasons, tollgate.session.signOutReason]).toEqual([[], null]);
});

test("a user whose session has ended was signed out, even if anybody may read", async () => {
  const { tollgate, reasons } = responding(Response.json(user), Response.json(usedUp, { status: 401 }));
  await tollgate.checkSession();
  await failureOf(tollgate.posts.get(1));
  expect(reasons).toEqual(["ended_elsewhere"]);
});

test("an ended session and a post for subscribers are other errors", async () => {
  const { tollgate, reasons } = responding(
    Response.json({ error: "please login", code: "login_required" }, { status: 401 }),
    Response.json({ error: "this needs a subscription", code: "subscription_required" }, { status: 403 }),
  );
  const ended = await failureOf(tollgate.posts.get(1));
  if (ended.code !== "login_required") throw ended;
  expect([ended.body.anonymous, reasons]).toEqual([undefined, ["unknown"]]);
  expect(await failureOf(tollgate.posts.get(1))).toMatchObject({ code: "subscription_required" });
});
