// Options for TanStack Query: for `useQuery`, `useSuspenseQuery`, `prefetchQuery` and `getQueryData` alike.
import { infiniteQueryOptions, type QueryClient, type QueryKey, queryOptions } from "@tanstack/react-query";

import type { Page, PageOptions } from "../calls/api.js";
import type { Tollgate } from "../tollgate.js";
import { noRetry, retry } from "./retry.js";
import { whenVisible } from "./when-visible.js";

/** Many components use the session. One check a minute is enough, since every response tells when it has ended. */
const SESSION_STALE_TIME = 60_000;

/** Asks who is signed in. The answer is in `tollgate.session`, which is more current: `useSession` reads that. */
export const sessionQuery = (tollgate: Tollgate) =>
  queryOptions({
    queryKey: ["tollgate", "session"],
    queryFn: () => tollgate.checkSession(),
    initialData: () => tollgate.session.get(),
    staleTime: SESSION_STALE_TIME,
    retry,
  });

/** The ways to sign in that the server offers. They depend on its settings only. */
export const loginMethodsQuery = (tollgate: Tollgate) =>
  queryOptions({
    queryKey: ["tollgate", "login-methods"],
    queryFn: () => tollgate.loginMethods(),
    staleTime: Infinity,
    retry,
  });

export const postsQuery = (tollgate: Tollgate, { limit }: Pick<PageOptions, "limit"> = {}) =>
  infiniteQueryOptions({
    queryKey: ["tollgate", "posts", { limit }],
    queryFn: ({ pageParam }) => tollgate.posts.list({ limit, before: pageParam }),
    ...pages,
    retry,
  });

/**
 * Fetches a post once for as long as the page lives, because each request may cost a read. After an error, it is
 * fetched again when a component mounts with it, or by `refetch`.
 *
 * Refetching spends reads: keep this query out of `invalidateQueries` and `refetchQueries`.
 *
 * With `gift`, the token of a gift link, it is read without charge.
 */
export const postQuery = (tollgate: Tollgate, id: number, { gift }: { gift?: string | undefined } = {}) =>
  queryOptions({
    queryKey: ["tollgate", "post", id, { gift }],
    queryFn: async ({ client }) => {
      await whenVisible();
      try {
        return await tollgate.posts.get(id, { gift });
      } finally {
        for (const queryKey of [meterQuery(tollgate).queryKey, READS]) void fetchAgain(client, queryKey);
      }
    },
    staleTime: Infinity,
    gcTime: Infinity,
    refetchOnMount: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    // A response that was lost may have been charged.
    retry: noRetry,
  });

/** What is left to read. Fetched again after each `postQuery`. */
export const meterQuery = (tollgate: Tollgate) =>
  queryOptions({ queryKey: ["tollgate", "meter"], queryFn: () => tollgate.meter(), retry });

const READS: QueryKey = ["tollgate", "reads"];

/** What was read in this period. Fetched again after each `postQuery`. */
export const readsQuery = (tollgate: Tollgate, { limit }: Pick<PageOptions, "limit"> = {}) =>
  infiniteQueryOptions({
    queryKey: [...READS, { limit }],
    queryFn: ({ pageParam }) => tollgate.account.reads({ limit, before: pageParam }),
    ...pages,
    retry,
  });

export const subscriptionQuery = (tollgate: Tollgate) =>
  queryOptions({ queryKey: ["tollgate", "subscription"], queryFn: () => tollgate.account.subscription(), retry });

export const giftsQuery = (tollgate: Tollgate) =>
  queryOptions({ queryKey: ["tollgate", "gifts"], queryFn: () => tollgate.gifts.list(), retry });

/** The user's sessions, on all devices. */
export const sessionsQuery = (tollgate: Tollgate) =>
  queryOptions({ queryKey: ["tollgate", "sessions"], queryFn: () => tollgate.sessions.list(), retry });

export const tokensQuery = (tollgate: Tollgate) =>
  queryOptions({ queryKey: ["tollgate", "tokens"], queryFn: () => tollgate.tokens.list(), retry });

export const passkeysQuery = (tollgate: Tollgate) =>
  queryOptions({ queryKey: ["tollgate", "passkeys"], queryFn: () => tollgate.passkeys.list(), retry });

export const identitiesQuery = (tollgate: Tollgate) =>
  queryOptions({ queryKey: ["tollgate", "identities"], queryFn: () => tollgate.identities.list(), retry });

const pages = {
  initialPageParam: undefined as number | undefined,
  getNextPageParam: ({ before }: Page<unknown>) => before ?? undefined,
};

async function fetchAgain(client: QueryClient, queryKey: QueryKey): Promise<void> {
  // A pending request may return what was true before the read.
  await client.cancelQueries({ queryKey });
  await client.invalidateQueries({ queryKey });
}
