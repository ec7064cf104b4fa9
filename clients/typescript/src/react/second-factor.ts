import { hashKey, useMutation, type UseMutationResult, useQueryClient } from "@tanstack/react-query";

import { TollgateError } from "../error.js";
import type { TotpEnrolment } from "../types.js";
import { devicesKey } from "./devices.js";
import { useTollgate } from "./provider.js";
import { sessionKey } from "./session-data.js";

export const passkeysKey = ["tollgate", "passkeys"] as const;

const HASHES = [sessionKey, devicesKey, passkeysKey].map((key) => hashKey(key));

/** Takes the password; it is only needed if the session is not fresh (`fresh_login_required`). */
export type ConfirmedMutation<Data> = UseMutationResult<Data, TollgateError, string | void>;

export interface Totp {
  /** Returns the seed. */
  start: ConfirmedMutation<TotpEnrolment>;
  /** Takes the first code of the app, and returns the recovery codes, which are not shown again. */
  confirm: UseMutationResult<string[], TollgateError, string>;
  remove: ConfirmedMutation<void>;
}

/** Enrols and removes an authenticator app. Updates the session's user. */
export function useTotp(): Totp {
  const tollgate = useTollgate();
  return {
    start: useFactorMutation((password: string | void) => tollgate.startTotp(password ?? undefined)),
    confirm: useFactorMutation((code: string) => tollgate.confirmTotp(code)),
    remove: useFactorMutation((password: string | void) => tollgate.removeTotp(password ?? undefined)),
  };
}

/** Replaces the recovery codes. */
export function useRecoveryCodes(): ConfirmedMutation<string[]> {
  const tollgate = useTollgate();
  return useFactorMutation((password: string | void) => tollgate.replaceRecoveryCodes(password ?? undefined));
}

/** Logins of every browser need the second factor again. */
export function useForgetTrustedBrowsers(): UseMutationResult<void, TollgateError, void> {
  const tollgate = useTollgate();
  return useFactorMutation(() => tollgate.forgetTrustedBrowsers());
}

export function useFactorMutation<Data, Values>(
  mutationFn: (values: Values) => Promise<Data>,
): UseMutationResult<Data, TollgateError, Values> {
  const queryClient = useQueryClient();
  const refresh = () =>
    queryClient.invalidateQueries({
      predicate: ({ queryHash, state }) => HASHES.includes(queryHash) || isRequiredByPolicy(state.error),
    });
  return useMutation({
    mutationFn,
    // Seeds and recovery codes do not stay in the cache.
    gcTime: 0,
    onSuccess: refresh,
    onError: ({ status }) => {
      // The factor was enrolled or removed elsewhere meanwhile.
      if (status === 404 || status === 409) return refresh();
    },
  });
}

/** Such queries succeed once a factor is enrolled. */
function isRequiredByPolicy(error: Error | null): boolean {
  return error instanceof TollgateError && error.code === "second_factor_required_by_policy";
}
