import { useMutation, type UseMutationResult, useQueryClient } from "@tanstack/react-query";

import type { TollgateError } from "../error.js";
import type { AccountChange, SignedInUser, User } from "../types.js";
import { devicesKey } from "./devices.js";
import { useTollgate } from "./provider.js";
import { changeSession, sessionKey } from "./session-data.js";

export interface PasswordChange {
  currentPassword: string;
  newPassword: string;
  /** Whether the user's API tokens are deleted, too. */
  deleteTokens?: boolean | undefined;
}

/** Fails with `fresh_login_required` if `current_password` is needed. */
export function useUpdateAccount(): UseMutationResult<User, TollgateError, AccountChange> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (values: AccountChange) => tollgate.updateAccount(values),
    onSuccess: (user) =>
      queryClient.setQueryData<SignedInUser | null>(sessionKey, (current) => current && { ...current, ...user }),
  });
}

/**
 * Signs out all other devices. API tokens stay unless they are to be deleted, too. `data` is the new token of an app's
 * session; null in a browser.
 */
export function useChangePassword(): UseMutationResult<string | null, TollgateError, PasswordChange> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ currentPassword, newPassword, deleteTokens }: PasswordChange) =>
      tollgate.changePassword(currentPassword, newPassword, { deleteTokens }),
    // The session is fresh again and has new expiry times.
    onSuccess: () =>
      Promise.all([sessionKey, devicesKey].map((queryKey) => queryClient.invalidateQueries({ queryKey }))),
  });
}

/** Takes the password, and ends the session. */
export function useDeleteAccount(): UseMutationResult<void, TollgateError, string> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (password: string) => tollgate.deleteAccount(password),
    onSuccess: () => changeSession(queryClient, null),
  });
}
