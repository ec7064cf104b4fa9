import { useMutation, type UseMutationResult, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";

import type { TollgateError } from "../error.js";
import type { Passkey } from "../types.js";
import { useTollgate } from "./provider.js";
import { retry } from "./retry.js";
import { type ConfirmedMutation, passkeysKey, useFactorMutation } from "./second-factor.js";

export interface PasskeyName {
  id: number;
  name: string;
}

export interface PasskeyDeletion {
  id: number;
  password?: string | undefined;
}

export function usePasskeys(): UseQueryResult<Passkey[], TollgateError> {
  const tollgate = useTollgate();
  return useQuery({ queryKey: passkeysKey, queryFn: () => tollgate.passkeys(), retry });
}

/** Lets the browser create a passkey. Updates the list and the session's user. */
export function useAddPasskey(): ConfirmedMutation<Passkey> {
  const tollgate = useTollgate();
  return useFactorMutation((password: string | void) => tollgate.addPasskey({ password: password ?? undefined }));
}

export function useRenamePasskey(): UseMutationResult<Passkey, TollgateError, PasskeyName> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name }: PasskeyName) => tollgate.renamePasskey(id, name),
    // Also if it was deleted elsewhere.
    onSettled: () => queryClient.invalidateQueries({ queryKey: passkeysKey }),
  });
}

/** Updates the list and the session's user. */
export function useDeletePasskey(): UseMutationResult<void, TollgateError, PasskeyDeletion> {
  const tollgate = useTollgate();
  return useFactorMutation(({ id, password }: PasskeyDeletion) => tollgate.deletePasskey(id, password));
}
