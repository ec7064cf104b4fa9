import { expect, test } from "vitest";

import { openSignedIn } from "./browser.js";
import { failureOf } from "./failure.js";

test("only subscribers give posts away", async () => {
  const { tollgate } = await openSignedIn();
  expect(await failureOf(tollgate.createGift(1))).toMatchObject({ status: 403, code: "subscription_required" });
  expect(await failureOf(tollgate.createGift(1, { opens: 0 }))).toMatchObject({ code: "invalid_fields" });
  expect(await tollgate.gifts()).toEqual([]);
  expect(await failureOf(tollgate.gift(1))).toMatchObject({ status: 404 });
  expect(await failureOf(tollgate.revokeGift(1))).toMatchObject({ status: 404 });
  await tollgate.revokeGifts();
});

test("a link that opens nothing costs a read like any other", async () => {
  const { tollgate } = await openSignedIn();
  expect((await tollgate.post(1, "nobody-gave-this")).readsLeft?.remaining).toBe(1);
});
