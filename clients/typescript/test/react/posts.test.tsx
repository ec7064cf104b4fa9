// @vitest-environment jsdom
import { focusManager, onlineManager, QueryClient } from "@tanstack/react-query";
import { cleanup, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { isTollgateError } from "../../src/index.js";
import { useMeter, usePost, usePosts, useReads, useSubscription } from "../../src/react/index.js";
import { type Browser, openSignedIn } from "../browser.js";
import { renderIn } from "./app.js";

afterEach(cleanup);

const readsOf = ({ requests }: Browser) => requests.filter((request) => request === "GET /blog/1").length;

/** As if the reader had been in another window and offline. */
function returnToPage(): void {
  focusManager.setFocused(false);
  focusManager.setFocused(true);
  onlineManager.setOnline(false);
  onlineManager.setOnline(true);
}

test("a post is fetched once, even if it is shown twice, mounted again and focused again", async () => {
  const browser = await openSignedIn();
  const queryClient = new QueryClient();
  const twice = () => [usePost(1), usePost(1)] as const;
  const { result, unmount } = renderIn(browser, twice, queryClient);
  await waitFor(() => expect(result.current[0].data?.post.id).toBe(1));
  expect(result.current[1].data).toBe(result.current[0].data);
  returnToPage();
  unmount();

  const again = renderIn(browser, twice, queryClient);
  expect(again.result.current[0].data?.post.id).toBe(1);
  returnToPage();

  const { limit, remaining } = await browser.tollgate.meter();
  expect(limit - remaining).toBe(1);
  expect(readsOf(browser)).toBe(1);
});

test("a prerendered page reads nothing until it is shown", async () => {
  const browser = await openSignedIn();
  Object.defineProperty(document, "prerendering", { configurable: true, value: true });
  const { result } = renderIn(browser, () => usePost(1));
  await browser.tollgate.meter();
  expect(readsOf(browser)).toBe(0);
  Reflect.deleteProperty(document, "prerendering");
  document.dispatchEvent(new Event("prerenderingchange"));
  await waitFor(() => expect(result.current.data?.post.id).toBe(1));
  expect(readsOf(browser)).toBe(1);
});

test("a read updates the meter and the list of reads", async () => {
  const browser = await openSignedIn();
  const queryClient = new QueryClient();
  const { result } = renderIn(browser, () => ({ meter: useMeter(), reads: useReads() }), queryClient);
  await waitFor(() => expect(result.current.meter.data?.used).toBe(0));
  await waitFor(() => expect(result.current.reads.data?.pages[0]?.items).toEqual([]));
  renderIn(browser, () => usePost(1), queryClient);
  await waitFor(() => expect(result.current.meter.data?.used).toBe(1));
  await waitFor(() => expect(result.current.reads.data?.pages[0]?.items).toMatchObject([{ post_id: 1 }]));
});

test("a meter that was requested before a read, and has not arrived yet, is requested again", async () => {
  const browser = await openSignedIn();
  const { meter } = browser.tollgate;
  let requests = 0;
  browser.tollgate.meter = () => (requests++ === 0 ? new Promise(() => {}) : meter());
  const { result } = renderIn(browser, () => ({ meter: useMeter(), post: usePost(1) }));
  await waitFor(() => expect(result.current.meter.data?.used).toBe(1));
});

test("a read refused by the paywall is not retried, even on focus", async () => {
  const browser = await openSignedIn();
  const { limit } = await browser.tollgate.meter();
  for (let read = 0; read < limit; read++) await browser.tollgate.posts.get(1);

  const { result } = renderIn(browser, () => usePost(1));
  await waitFor(() => expect(isTollgateError(result.current.error, "payment_required")).toBe(true));
  returnToPage();
  await browser.tollgate.meter();
  expect(readsOf(browser)).toBe(limit + 1);
});

test("a read whose response was lost is not retried", async () => {
  const browser = await openSignedIn();
  let attempts = 0;
  browser.tollgate.posts.get = async () => {
    attempts++;
    throw new TypeError("lost");
  };
  const { result } = renderIn(browser, () => usePost(1));
  await waitFor(() => expect(result.current.isError).toBe(true));
  expect(attempts).toBe(1);
});

test("the list of posts grows page by page", async () => {
  const browser = await openSignedIn();
  const { result } = renderIn(browser, () => usePosts({ limit: 2 }));
  await waitFor(() => expect(result.current.data?.pages).toHaveLength(1));
  expect(result.current.hasNextPage).toBe(true);

  await result.current.fetchNextPage();
  await waitFor(() => expect(result.current.data?.pages).toHaveLength(2));
  const ids = result.current.data!.pages.flatMap(({ items }) => items.map(({ id }) => id));
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
});

test("the subscription of a new user is none", async () => {
  const { result } = renderIn(await openSignedIn(), () => useSubscription());
  await waitFor(() => expect(result.current.data?.status).toBe("none"));
});
