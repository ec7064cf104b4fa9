import { useMutation, type UseMutationResult, useQuery, type UseQueryResult } from "@tanstack/react-query";

import type { AccountChange, PasswordChange } from "../calls/account.js";
import type { Confirmation } from "../calls/confirmation.js";
import type { PasswordReset } from "../calls/email.js";
import type { ApiTokenRequest } from "../calls/tokens.js";
import type { TollgateError } from "../errors/error.js";
import { sessionsQuery, tokensQuery } from "../query/index.js";
import type { ApiToken, CreatedApiToken, Session, User } from "../types.js";
import { checkAgain, useCall } from "./call.js";
import { useTollgate } from "./provider.js";

/** A session of the user, or all others. */
export interface SessionEnd extends Confirmation {
  id: number | "others";
}

/** Fails with `fresh_login_required` if `currentPassword` is needed. */
export function useUpdateAccount(): UseMutationResult<User, TollgateError, AccountChange> {
  return useCall((tollgate, values: AccountChange) => tollgate.account.update(values));
}

/** Signs out all other devices. `data` is the new token of an app's session; null in a browser. */
export function useChangePassword(): UseMutationResult<string | null, TollgateError, PasswordChange> {
  return useCall((tollgate, values: PasswordChange) => tollgate.account.changePassword(values), {
    changes: sessionsQuery,
  });
}

/** Ends the session as well. */
export function useDeleteAccount(): UseMutationResult<void, TollgateError, Confirmation | void> {
  return useCall((tollgate, confirmation: Confirmation | void) => tollgate.account.delete(confirmation ?? undefined));
}

/** Where the user is signed in. */
export function useSessions(): UseQueryResult<Session[], TollgateError> {
  return useQuery(sessionsQuery(useTollgate()));
}

export function useEndSession(): UseMutationResult<void, TollgateError, SessionEnd> {
  return useCall(
    (tollgate, { id, ...confirmation }: SessionEnd) =>
      id === "others" ? tollgate.sessions.endOthers(confirmation) : tollgate.sessions.end(id, confirmation),
    { changes: sessionsQuery },
  );
}

/** The user's API tokens, newest first. */
export function useTokens(): UseQueryResult<ApiToken[], TollgateError> {
  return useQuery(tokensQuery(useTollgate()));
}

/** Returns the new token with its text, which is not shown again. */
export function useCreateToken(): UseMutationResult<CreatedApiToken, TollgateError, ApiTokenRequest> {
  return useCall((tollgate, values: ApiTokenRequest) => tollgate.tokens.create(values), {
    changes: tokensQuery,
    isSecret: true,
  });
}

export function useRemoveToken(): UseMutationResult<void, TollgateError, number> {
  return useCall((tollgate, id: number) => tollgate.tokens.remove(id), { changes: tokensQuery });
}

/** Takes the address, and succeeds for any: only a verified one receives a message. */
export function useRequestPasswordReset(): UseMutationResult<void, TollgateError, string> {
  return useCall((tollgate, email: string) => tollgate.password.requestReset(email));
}

/** Ends all sessions of the user, including one in this browser. Does not sign in. */
export function useResetPassword(): UseMutationResult<void, TollgateError, PasswordReset> {
  return useCall((tollgate, values: PasswordReset) => tollgate.password.reset(values));
}

/** Takes the token of the link in a message. */
export function useVerifyEmail(): UseMutationResult<void, TollgateError, string> {
  return useCall((tollgate, token: string) => tollgate.email.verify(token));
}

/** "This wasn't me": takes the token of the link in a notice. Ends all sessions of the user. */
export function useSecureAccount(): UseMutationResult<void, TollgateError, string> {
  return useCall((tollgate, token: string) => tollgate.account.secure(token));
}

/** Sends the message again that asks to verify the address. */
export function useResendVerification(): UseMutationResult<void, TollgateError, void> {
  const tollgate = useTollgate();
  return useMutation({
    mutationFn: () => tollgate.email.resendVerification(),
    onError: async ({ code }) => {
      // The link was opened in another browser meanwhile.
      if (code === "already_verified") await checkAgain(tollgate);
    },
  });
}
