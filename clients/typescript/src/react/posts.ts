import {
  type InfiniteData,
  useInfiniteQuery,
  type UseInfiniteQueryResult,
  type UseMutationResult,
  useQuery,
  type UseQueryResult,
} from "@tanstack/react-query";

import type { Page, PageOptions } from "../calls/api.js";
import type { GiftRequest } from "../calls/gifts.js";
import type { TollgateError } from "../errors/error.js";
import { giftsQuery, meterQuery, postQuery, postsQuery, readsQuery, subscriptionQuery } from "../query/index.js";
import type { Gift, Meter, PostSummary, Read, ReadPost, Subscription } from "../types.js";
import { useCall } from "./call.js";
import { useTollgate } from "./provider.js";

type Pages<Item> = UseInfiniteQueryResult<InfiniteData<Page<Item>>, TollgateError>;

export function usePosts(options?: Pick<PageOptions, "limit">): Pages<PostSummary> {
  return useInfiniteQuery(postsQuery(useTollgate(), options));
}

/**
 * Fetches a post once for as long as the page lives, because each request may cost a read: see `postQuery`. With `gift`, the
 * token of a gift link, it is read without charge.
 */
export function usePost(id: number, options?: { gift?: string | undefined }): UseQueryResult<ReadPost, TollgateError> {
  return useQuery(postQuery(useTollgate(), id, options));
}

export function useMeter({ enabled = true }: { enabled?: boolean | undefined } = {}): UseQueryResult<
  Meter,
  TollgateError
> {
  return useQuery({ ...meterQuery(useTollgate()), enabled });
}

export function useReads(options?: Pick<PageOptions, "limit">): Pages<Read> {
  return useInfiniteQuery(readsQuery(useTollgate(), options));
}

export function useSubscription(): UseQueryResult<Subscription, TollgateError> {
  return useQuery(subscriptionQuery(useTollgate()));
}

/** The user's gifts that have not ended, newest first. */
export function useGifts(): UseQueryResult<Gift[], TollgateError> {
  return useQuery(giftsQuery(useTollgate()));
}

/** Gives away this post. The link of the gift is its `url`. */
export function useCreateGift(postId: number): UseMutationResult<Gift, TollgateError, GiftRequest | void> {
  return useCall((tollgate, values: GiftRequest | void) => tollgate.gifts.create(postId, values ?? undefined), {
    changes: giftsQuery,
  });
}

/** Ends a gift by its id. */
export function useRemoveGift(): UseMutationResult<void, TollgateError, number> {
  return useCall((tollgate, id: number) => tollgate.gifts.remove(id), { changes: giftsQuery });
}
