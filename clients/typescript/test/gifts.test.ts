import { expect, test } from "vitest";

import { openSignedIn } from "./browser.js";
import { failureOf } from "./failure.js";

test("only subscribers give posts away", async () => {
  const { tollgate } = await openSignedIn();
  expect(await failureOf(tollgate.gifts.create(1))).toMatchObject({ status: 403, code: "subscription_required" });
  expect(await failureOf(tollgate.gifts.create(1, { opens: 0 }))).toMatchObject({ code: "invalid_fields" });
  expect(await tollgate.gifts.list()).toEqual([]);
  expect(await failureOf(tollgate.gifts.get(1))).toMatchObject({ status: 404 });
  expect(await failureOf(tollgate.gifts.remove(1))).toMatchObject({ status: 404 });
  await tollgate.gifts.removeAll();
});

test("a link that opens nothing costs a read like any other", async () => {
  const { tollgate } = await openSignedIn();
  expect((await tollgate.posts.get(1, { gift: "nobody-gave-this" })).readsLeft?.remaining).toBe(1);
});
