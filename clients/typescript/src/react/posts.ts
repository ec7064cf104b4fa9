import {
  type InfiniteData,
  type QueryClient,
  type QueryKey,
  useInfiniteQuery,
  type UseInfiniteQueryResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";

import type { TollgateError } from "../error.js";
import type { PostsPage, ReadPost } from "../types.js";
import { meterKey, readsKey } from "./meter.js";
import { useTollgate } from "./provider.js";
import { retry } from "./retry.js";
import { whenVisible } from "./when-visible.js";

export function usePosts({ limit }: { limit?: number | undefined } = {}): UseInfiniteQueryResult<
  InfiniteData<PostsPage>,
  TollgateError
> {
  const tollgate = useTollgate();
  return useInfiniteQuery({
    queryKey: ["tollgate", "posts", limit],
    queryFn: ({ pageParam }) => tollgate.posts({ limit, before: pageParam }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ before }) => before ?? undefined,
    retry,
  });
}

/**
 * Fetches a post once for as long as the page lives, because each request may cost a read. After an error, it is
 * fetched again when a component mounts with it, or by `refetch`.
 *
 * Refetching spends reads: keep this query out of `invalidateQueries` and `refetchQueries`, and do not fetch posts in a
 * `useQuery` of your own without turning off `refetchOnWindowFocus` and the like.
 *
 * With `gift`, the token of a gift link, it is read without charge.
 */
export function usePost(id: number, gift?: string): UseQueryResult<ReadPost, TollgateError> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useQuery({
    queryKey: ["tollgate", "post", id, ...(gift === undefined ? [] : [gift])],
    queryFn: async () => {
      await whenVisible();
      try {
        return await tollgate.post(id, gift);
      } finally {
        for (const queryKey of [meterKey, readsKey]) void fetchAgain(queryClient, queryKey);
      }
    },
    staleTime: Infinity,
    gcTime: Infinity,
    refetchOnMount: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    // A response that was lost may have been charged.
    retry: false,
  });
}

async function fetchAgain(queryClient: QueryClient, queryKey: QueryKey): Promise<void> {
  // A pending request may return what was true before the read.
  await queryClient.cancelQueries({ queryKey });
  await queryClient.invalidateQueries({ queryKey });
}
