import { expect, test } from "vitest";

import { isPaymentRequired } from "../src/index.js";
import { openSignedIn } from "./browser.js";
import { failureOf } from "./failure.js";

test("the pages of the list follow one another to the last", async () => {
  const { tollgate } = await openSignedIn();
  const whole = await tollgate.posts({ limit: 100, before: undefined });
  expect(whole.before).toBeNull();

  const first = await tollgate.posts({ limit: 2 });
  expect(first.posts).toEqual(whole.posts.slice(0, 2));
  expect(first.before).toBe(first.posts[1]!.id);

  const second = await tollgate.posts({ limit: 2, before: first.before! });
  expect(second.posts).toEqual(whole.posts.slice(2, 4));
});

test("reads are counted down until payment is required, which shows the excerpt", async () => {
  const { tollgate } = await openSignedIn();
  const { limit } = await tollgate.meter();
  const summary = (await tollgate.posts()).posts[0]!;

  for (let remaining = limit - 1; remaining >= 0; remaining--) {
    const { post, reads } = await tollgate.post(summary.id);
    expect(post.title).toBe(summary.title);
    expect(post.data.length).toBeGreaterThan(summary.excerpt.length);
    expect(reads).toMatchObject({ limit, remaining });
    expect(reads!.resetsIn).toBeGreaterThan(0);
  }

  const failure = await failureOf(tollgate.post(summary.id));
  expect(failure.code).toBe("payment_required");
  if (!isPaymentRequired(failure)) throw failure;
  expect(failure.body).toMatchObject({ excerpt: summary.excerpt, limit, used: limit });
  expect(await tollgate.meter()).toMatchObject({ limit, remaining: 0, resets_at: failure.body.resets_at });
});

test("a post that is not there is an error of another kind", async () => {
  const { tollgate } = await openSignedIn();
  const failure = await failureOf(tollgate.post(999_999_999));
  expect(failure).toMatchObject({ status: 404, code: "blog_not_found" });
  expect(isPaymentRequired(failure)).toBe(false);
  expect(isPaymentRequired(null)).toBe(false);
});

test("who never subscribed has no subscription", async () => {
  const { tollgate } = await openSignedIn();
  expect((await tollgate.subscription()).status).toBe("none");
});
