import { useMutation, type UseMutationResult, useQueryClient } from "@tanstack/react-query";

import type { TollgateError } from "../error.js";
import type { Tollgate } from "../tollgate.js";
import { useTollgate } from "./provider.js";
import { sessionKey } from "./session-data.js";

export interface PasswordReset {
  /** The token from the link in the message. */
  token: string;
  newPassword: string;
}

/** Takes the address, and succeeds for any: only a verified one receives a message. */
export function useForgotPassword(): UseMutationResult<void, TollgateError, string> {
  const tollgate = useTollgate();
  return useMutation({ mutationFn: (email: string) => tollgate.forgotPassword(email) });
}

/** Ends all sessions of the user, including one in this browser. Does not sign in. */
export function useResetPassword(): UseMutationResult<void, TollgateError, PasswordReset> {
  return useTokenMutation((tollgate, { token, newPassword }: PasswordReset) => tollgate.resetPassword(token, newPassword));
}

/** Takes the token of the link in a message. Updates the session's user. */
export function useVerifyEmail(): UseMutationResult<void, TollgateError, string> {
  return useTokenMutation((tollgate, token: string) => tollgate.verifyEmail(token));
}

/** "This wasn't me": takes the token of the link in a notice. Ends all sessions of the user. */
export function useSecureAccount(): UseMutationResult<void, TollgateError, string> {
  return useTokenMutation((tollgate, token: string) => tollgate.secureAccount(token));
}

/** Sends the message again that asks to verify the address. */
export function useResendVerification(): UseMutationResult<void, TollgateError, void> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => tollgate.resendVerification(),
    onError: ({ code }) => {
      // The link was opened in another browser meanwhile.
      if (code === "already_verified") return queryClient.invalidateQueries({ queryKey: sessionKey });
    },
  });
}

/** The token changes the user that it was sent to, who may be signed in here. */
function useTokenMutation<Values>(
  request: (tollgate: Tollgate, values: Values) => Promise<void>,
): UseMutationResult<void, TollgateError, Values> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (values: Values) => request(tollgate, values),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: sessionKey }),
  });
}
