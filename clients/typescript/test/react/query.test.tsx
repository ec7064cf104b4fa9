// @vitest-environment jsdom
import { QueryClient, useQuery } from "@tanstack/react-query";
import { cleanup, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { createTollgate } from "../../src/index.js";
import { meterQuery, postQuery, postsQuery, readsQuery } from "../../src/query/index.js";
import { useLogout, useMeter, usePost, useSession } from "../../src/react/index.js";
import { newLogin, openBrowser, openSignedIn } from "../browser.js";
import { renderIn } from "./app.js";

afterEach(cleanup);

test("what was fetched before is used by the hooks, and a read updates the meter", async () => {
  const browser = await openSignedIn();
  const { tollgate } = browser;
  const queryClient = new QueryClient();
  expect((await queryClient.fetchQuery(meterQuery(tollgate))).used).toBe(0);
  await queryClient.fetchInfiniteQuery(readsQuery(tollgate, { limit: 1 }));
  await queryClient.prefetchInfiniteQuery(postsQuery(tollgate, { limit: 2 }));
  await queryClient.prefetchQuery(postQuery(tollgate, 1));
  expect(queryClient.getQueryData(postQuery(tollgate, 1).queryKey)?.post.id).toBe(1);
  expect(queryClient.getQueryState(meterQuery(tollgate).queryKey)?.isInvalidated).toBe(true);
  expect(queryClient.getQueryState(readsQuery(tollgate, { limit: 1 }).queryKey)?.isInvalidated).toBe(true);

  const hooks = () => ({ post: usePost(1), again: useQuery(postQuery(tollgate, 1)), meter: useMeter() });
  const { result } = renderIn(browser, hooks, queryClient);
  expect(result.current.post.data?.post.id).toBe(1);
  await waitFor(() => expect(result.current.meter.data?.used).toBe(1));
  expect(browser.requests.filter((request) => request === "GET /blog/1")).toHaveLength(1);
});

test("the first check of the session drops nothing, which could cost a read again", async () => {
  const browser = await openSignedIn();
  const fetch = async () => Response.json(browser.tollgate.session.get());
  const page = createTollgate({ baseUrl: "http://localhost", fetch, shareWithTabs: false });
  const { result, queryClient } = renderIn({ ...browser, tollgate: page }, () => useSession());
  queryClient.setQueryData(["app"], "shown");
  await waitFor(() => expect(result.current.data?.username).toMatch(/^ada-/));
  expect(queryClient.getQueryData(["app"])).toBe("shown");
});

test("signing in before any check drops what an anonymous reader has fetched", async () => {
  const browser = openBrowser();
  const { queryClient } = renderIn(browser, () => useLogout());
  queryClient.setQueryData(["app"], "anonymous");
  await browser.tollgate.login(await newLogin());
  expect(queryClient.getQueryData(["app"])).toBeUndefined();
});

test("signing in and out without the hooks drops all cached data as well", async () => {
  const browser = openBrowser();
  const { result, queryClient } = renderIn(browser, () => ({ session: useSession(), logout: useLogout() }));
  await waitFor(() => expect(result.current.session.data).toBeNull());
  for (const change of [async () => browser.tollgate.login(await newLogin()), () => browser.tollgate.logout()]) {
    queryClient.setQueryData(["app"], "private");
    await change();
    expect(queryClient.getQueryData(["app"])).toBeUndefined();
  }
});
