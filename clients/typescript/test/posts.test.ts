import { expect, test } from "vitest";

import { isTollgateError } from "../src/index.js";
import { openSignedIn } from "./browser.js";
import { failureOf } from "./failure.js";

test("the list of posts is paged", async () => {
  const { tollgate } = await openSignedIn();
  const all = await tollgate.posts.list({ limit: 100, before: undefined });
  expect(all.before).toBeNull();

  const first = await tollgate.posts.list({ limit: 2 });
  expect(first.items).toEqual(all.items.slice(0, 2));
  expect(first.before).toBe(first.items[1]!.id);

  const second = await tollgate.posts.list({ limit: 2, before: first.before! });
  expect(second.items).toEqual(all.items.slice(2, 4));
});

test("reads count down until payment is required, with the excerpt in the error", async () => {
  const { tollgate } = await openSignedIn();
  const { limit } = await tollgate.meter();
  const summary = (await tollgate.posts.list()).items[0]!;

  for (let remaining = limit - 1; remaining >= 0; remaining--) {
    const { post, readsLeft } = await tollgate.posts.get(summary.id);
    expect(post.title).toBe(summary.title);
    expect(post.data.length).toBeGreaterThan(summary.excerpt.length);
    expect(readsLeft).toMatchObject({ limit, remaining });
    expect(readsLeft!.resetsIn).toBeGreaterThan(0);
  }

  const failure = await failureOf(tollgate.posts.get(summary.id));
  expect(failure.code).toBe("payment_required");
  if (!isTollgateError(failure, "payment_required")) throw failure;
  expect(failure.body).toMatchObject({ excerpt: summary.excerpt, limit, used: limit });
  expect(await tollgate.meter()).toMatchObject({ limit, remaining: 0, resets_at: failure.body.resets_at });
});

test("a post that does not exist is blog_not_found, not payment_required", async () => {
  const { tollgate } = await openSignedIn();
  const failure = await failureOf(tollgate.posts.get(999_999_999));
  expect(failure).toMatchObject({ status: 404, code: "blog_not_found" });
  expect(isTollgateError(failure, "payment_required")).toBe(false);
  expect(isTollgateError(null, "payment_required")).toBe(false);
});

test("a new user has no subscription", async () => {
  const { tollgate } = await openSignedIn();
  expect((await tollgate.account.subscription()).status).toBe("none");
});

test("the reads of the period are listed in pages, newest first", async () => {
  const { tollgate } = await openSignedIn();
  const [newest, oldest] = (await tollgate.posts.list()).items;
  await tollgate.posts.get(oldest!.id);
  await tollgate.posts.get(newest!.id);

  const first = await tollgate.account.reads({ limit: 1 });
  expect(first.items).toMatchObject([{ post_id: newest!.id, title: newest!.title, metered: true }]);
  expect(first.before).toBe(first.items[0]!.id);
  const second = await tollgate.account.reads({ limit: 1, before: first.before! });
  expect(second.items).toMatchObject([{ post_id: oldest!.id, title: oldest!.title }]);
  expect((await tollgate.account.reads()).before).toBeNull();
});
