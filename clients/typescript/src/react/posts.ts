import {
  type InfiniteData,
  useInfiniteQuery,
  type UseInfiniteQueryResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";

import type { TollgateError } from "../error.js";
import type { Meter, PostsPage, ReadPost } from "../types.js";
import { useTollgate } from "./provider.js";
import { retry } from "./retry.js";
import { shown } from "./shown.js";

export const meterKey = ["tollgate", "meter"] as const;

export function useMeter({ enabled = true }: { enabled?: boolean | undefined } = {}): UseQueryResult<
  Meter,
  TollgateError
> {
  const tollgate = useTollgate();
  return useQuery({ queryKey: meterKey, queryFn: () => tollgate.meter(), enabled, retry });
}

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
 * Each request may cost a read, so a post is read once for as long as the page lives. What failed is asked for again
 * only when it is shown anew, or by `refetch`.
 */
export function usePost(id: number): UseQueryResult<ReadPost, TollgateError> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useQuery({
    queryKey: ["tollgate", "post", id],
    queryFn: async () => {
      await shown();
      try {
        return await tollgate.post(id);
      } finally {
        void queryClient.invalidateQueries({ queryKey: meterKey });
      }
    },
    staleTime: Infinity,
    gcTime: Infinity,
    refetchOnMount: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    // An answer that got lost may have been charged.
    retry: false,
  });
}
