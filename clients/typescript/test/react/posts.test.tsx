// @vitest-environment jsdom
import { focusManager, onlineManager, QueryClient } from "@tanstack/react-query";
import { cleanup, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { isPaymentRequired } from "../../src/index.js";
import { useMeter, usePost, usePosts } from "../../src/react/index.js";
import { type Browser, openSignedIn } from "../browser.js";
import { renderIn } from "./app.js";

afterEach(cleanup);

const readsOf = ({ requests }: Browser) => requests.filter((request) => request === "GET /blog/1").length;

/** As when the reader comes back from another window, or out of a tunnel. */
function comeBack(): void {
  focusManager.setFocused(false);
  focusManager.setFocused(true);
  onlineManager.setOnline(false);
  onlineManager.setOnline(true);
}

test("a post is read once though it is shown twice, shown again and come back to", async () => {
  const browser = await openSignedIn();
  const queryClient = new QueryClient();
  const twice = () => [usePost(1), usePost(1)] as const;
  const { result, unmount } = renderIn(browser, twice, queryClient);
  await waitFor(() => expect(result.current[0].data?.post.id).toBe(1));
  expect(result.current[1].data).toBe(result.current[0].data);
  comeBack();
  unmount();

  const again = renderIn(browser, twice, queryClient);
  expect(again.result.current[0].data?.post.id).toBe(1);
  comeBack();

  const { limit, remaining } = await browser.tollgate.meter();
  expect(limit - remaining).toBe(1);
  expect(readsOf(browser)).toBe(1);
});

test("a page that is opened ahead reads nothing before it is looked at", async () => {
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

test("a read moves the meter", async () => {
  const browser = await openSignedIn();
  const queryClient = new QueryClient();
  const meter = renderIn(browser, () => useMeter(), queryClient).result;
  await waitFor(() => expect(meter.current.data?.used).toBe(0));
  renderIn(browser, () => usePost(1), queryClient);
  await waitFor(() => expect(meter.current.data?.used).toBe(1));
});

test("a refused read is not tried again, neither by itself nor on coming back", async () => {
  const browser = await openSignedIn();
  const { limit } = await browser.tollgate.meter();
  for (let read = 0; read < limit; read++) await browser.tollgate.post(1);

  const { result } = renderIn(browser, () => usePost(1));
  await waitFor(() => expect(isPaymentRequired(result.current.error)).toBe(true));
  comeBack();
  await browser.tollgate.meter();
  expect(readsOf(browser)).toBe(limit + 1);
});

test("a read whose answer got lost is not tried again", async () => {
  const browser = await openSignedIn();
  let tries = 0;
  browser.tollgate.post = async () => {
    tries++;
    throw new TypeError("lost");
  };
  const { result } = renderIn(browser, () => usePost(1));
  await waitFor(() => expect(result.current.isError).toBe(true));
  expect(tries).toBe(1);
});

test("the list grows page by page", async () => {
  const browser = await openSignedIn();
  const { result } = renderIn(browser, () => usePosts({ limit: 2 }));
  await waitFor(() => expect(result.current.data?.pages).toHaveLength(1));
  expect(result.current.hasNextPage).toBe(true);

  await result.current.fetchNextPage();
  await waitFor(() => expect(result.current.data?.pages).toHaveLength(2));
  const ids = result.current.data!.pages.flatMap(({ posts }) => posts.map(({ id }) => id));
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
});
