import {
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";

import type { TollgateError } from "../error.js";
import type { Gift, GiftRequest } from "../types.js";
import { useTollgate } from "./provider.js";
import { retry } from "./retry.js";

export const giftsKey = ["tollgate", "gifts"] as const;

/** The user's gifts that have not ended, newest first. */
export function useGifts(): UseQueryResult<Gift[], TollgateError> {
  const tollgate = useTollgate();
  return useQuery({ queryKey: giftsKey, queryFn: () => tollgate.gifts(), retry });
}

/** Gives away this post. The link of the gift is its `url`. */
export function useCreateGift(postId: number): UseMutationResult<Gift, TollgateError, GiftRequest | void> {
  const tollgate = useTollgate();
  return useGiftMutation((values: GiftRequest | void) => tollgate.createGift(postId, values ?? undefined));
}

/** Revokes a gift by its id. */
export function useRevokeGift(): UseMutationResult<void, TollgateError, number> {
  const tollgate = useTollgate();
  return useGiftMutation((id: number) => tollgate.revokeGift(id));
}

function useGiftMutation<Data, Values>(
  mutationFn: (values: Values) => Promise<Data>,
): UseMutationResult<Data, TollgateError, Values> {
  const queryClient = useQueryClient();
  return useMutation({ mutationFn, onSettled: () => queryClient.invalidateQueries({ queryKey: giftsKey }) });
}
