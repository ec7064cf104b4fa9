import {
  type InfiniteData,
  useInfiniteQuery,
  type UseInfiniteQueryResult,
  useQuery,
  type UseQueryResult,
} from "@tanstack/react-query";

import type { TollgateError } from "../error.js";
import type { Meter, ReadsPage, Subscription } from "../types.js";
import { useTollgate } from "./provider.js";
import { retry } from "./retry.js";

export const meterKey = ["tollgate", "meter"] as const;
export const readsKey = ["tollgate", "reads"] as const;
export const subscriptionKey = ["tollgate", "subscription"] as const;

export function useMeter({ enabled = true }: { enabled?: boolean | undefined } = {}): UseQueryResult<
  Meter,
  TollgateError
> {
  const tollgate = useTollgate();
  return useQuery({ queryKey: meterKey, queryFn: () => tollgate.meter(), enabled, retry });
}

export function useReads({ limit }: { limit?: number | undefined } = {}): UseInfiniteQueryResult<
  InfiniteData<ReadsPage>,
  TollgateError
> {
  const tollgate = useTollgate();
  return useInfiniteQuery({
    queryKey: [...readsKey, limit],
    queryFn: ({ pageParam }) => tollgate.reads({ limit, before: pageParam }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ before }) => before ?? undefined,
    retry,
  });
}

export function useSubscription(): UseQueryResult<Subscription, TollgateError> {
  const tollgate = useTollgate();
  return useQuery({ queryKey: subscriptionKey, queryFn: () => tollgate.subscription(), retry });
}
