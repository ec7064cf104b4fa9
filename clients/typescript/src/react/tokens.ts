import {
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";

import type { TollgateError } from "../error.js";
import type { ApiToken, ApiTokenRequest, CreatedApiToken } from "../types.js";
import { useTollgate } from "./provider.js";
import { retry } from "./retry.js";

export const tokensKey = ["tollgate", "tokens"] as const;

/** The user's API tokens, newest first. */
export function useTokens(): UseQueryResult<ApiToken[], TollgateError> {
  const tollgate = useTollgate();
  return useQuery({ queryKey: tokensKey, queryFn: () => tollgate.tokens(), retry });
}

/** Returns the new token with its text, which is not shown again. */
export function useCreateToken(): UseMutationResult<CreatedApiToken, TollgateError, ApiTokenRequest> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (values: ApiTokenRequest) => tollgate.createToken(values),
    // The text does not stay in the cache.
    gcTime: 0,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: tokensKey }),
  });
}

export function useDeleteToken(): UseMutationResult<void, TollgateError, number> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => tollgate.deleteToken(id),
    // If it does not exist, it was deleted elsewhere.
    onSettled: () => queryClient.invalidateQueries({ queryKey: tokensKey }),
  });
}
