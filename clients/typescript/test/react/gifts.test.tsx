// @vitest-environment jsdom
import { cleanup, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import type { Gift } from "../../src/index.js";
import { useCreateGift, useGifts, useRemoveGift } from "../../src/react/index.js";
import { openSignedIn } from "../browser.js";
import { renderIn } from "./app.js";

afterEach(cleanup);

test("the list of gifts follows what is given and removed", async () => {
  const browser = await openSignedIn();
  // As of a subscriber: this server has none.
  let given: Gift[] = [];
  browser.tollgate.gifts.list = async () => given;
  browser.tollgate.gifts.create = async (post_id, values = {}) => {
    const gift = { id: 1, post_id, opens: values.opens ?? 1, opened: 0, url: null, created_at: "", expires_at: null };
    given = [gift];
    return gift;
  };
  browser.tollgate.gifts.remove = async (id) => {
    given = given.filter((gift) => gift.id !== id);
  };
  const hooks = () => ({ gifts: useGifts(), create: useCreateGift(7), remove: useRemoveGift() });
  const { result } = renderIn(browser, hooks);
  await waitFor(() => expect(result.current.gifts.data).toEqual([]));
  result.current.create.mutate({ opens: 3 });
  await waitFor(() => expect(result.current.gifts.data).toMatchObject([{ post_id: 7, opens: 3 }]));
  result.current.remove.mutate(1);
  await waitFor(() => expect(result.current.gifts.data).toEqual([]));
});
