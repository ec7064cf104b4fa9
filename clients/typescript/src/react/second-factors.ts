import {
  hashKey,
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";

import type { Confirmation } from "../calls/confirmation.js";
import type { NewPasskey } from "../calls/passkeys.js";
import { isTollgateError, type TollgateError } from "../errors/error.js";
import { passkeysQuery, sessionsQuery } from "../query/index.js";
import type { Tollgate } from "../tollgate.js";
import type { Passkey, TotpEnrolment } from "../types.js";
import { checkAgain, useCall } from "./call.js";
import { useTollgate } from "./provider.js";

/** The password is only needed if the session is not fresh (`fresh_login_required`). */
export type ConfirmedMutation<Data> = UseMutationResult<Data, TollgateError, Confirmation | void>;

export interface PasskeyName {
  id: number;
  name: string;
}

export interface PasskeyRemoval extends Confirmation {
  id: number;
}

export interface Totp {
  /** Returns the seed. */
  start: ConfirmedMutation<TotpEnrolment>;
  /** Takes the first code of the app, and returns the recovery codes, which are not shown again. */
  confirm: UseMutationResult<string[], TollgateError, string>;
  remove: ConfirmedMutation<void>;
}

/** Enrols and removes an authenticator app. */
export function useTotp(): Totp {
  return {
    start: useFactorCall(({ totp }, confirmation: Confirmation | void) => totp.start(confirmation ?? undefined)),
    confirm: useFactorCall(({ totp }, code: string) => totp.confirm(code)),
    remove: useFactorCall(({ totp }, confirmation: Confirmation | void) => totp.remove(confirmation ?? undefined)),
  };
}

/** Replaces the recovery codes. */
export function useRecoveryCodes(): ConfirmedMutation<string[]> {
  return useFactorCall(({ secondFactors }, confirmation: Confirmation | void) =>
    secondFactors.replaceRecoveryCodes(confirmation ?? undefined),
  );
}

/** Logins of every browser need the second factor again. */
export function useForgetTrustedBrowsers(): UseMutationResult<void, TollgateError, void> {
  return useFactorCall(({ secondFactors }) => secondFactors.forgetTrustedBrowsers());
}

export function usePasskeys(): UseQueryResult<Passkey[], TollgateError> {
  return useQuery(passkeysQuery(useTollgate()));
}

/** Lets the browser create a passkey. */
export function useAddPasskey(): UseMutationResult<Passkey, TollgateError, NewPasskey | void> {
  return useFactorCall(({ passkeys }, values: NewPasskey | void) => passkeys.add(values ?? undefined));
}

export function useRenamePasskey(): UseMutationResult<Passkey, TollgateError, PasskeyName> {
  return useCall(({ passkeys }, { id, name }: PasskeyName) => passkeys.rename(id, name), { changes: passkeysQuery });
}

export function useRemovePasskey(): UseMutationResult<void, TollgateError, PasskeyRemoval> {
  return useFactorCall(({ passkeys }, { id, ...confirmation }: PasskeyRemoval) => passkeys.remove(id, confirmation));
}

function useFactorCall<Data, Values = void>(
  call: (tollgate: Tollgate, values: Values) => Promise<Data>,
): UseMutationResult<Data, TollgateError, Values> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  const hashes = [sessionsQuery, passkeysQuery].map((query) => hashKey(query(tollgate).queryKey));
  const refresh = () =>
    queryClient.invalidateQueries({
      predicate: ({ queryHash, state }) => hashes.includes(queryHash) || isRequiredByPolicy(state.error),
    });
  return useMutation({
    mutationFn: (values: Values) => call(tollgate, values),
    // Seeds and recovery codes do not stay in the cache.
    gcTime: 0,
    onSuccess: refresh,
    onError: async ({ status }) => {
      // The factor was enrolled or removed elsewhere meanwhile.
      if (status === 404 || status === 409) await Promise.all([checkAgain(tollgate), refresh()]);
    },
  });
}

/** Such queries succeed once a factor is enrolled. */
function isRequiredByPolicy(error: unknown): boolean {
  return isTollgateError(error, "second_factor_required_by_policy");
}
