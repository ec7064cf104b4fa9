import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { TollgateError } from "@tollgate/client";
import { sessionKey, useTollgate } from "@tollgate/client/react";

interface Passwords {
  currentPassword: string;
  newPassword: string;
}

export function useChangePassword() {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation<void, TollgateError, Passwords>({
    mutationFn: ({ currentPassword, newPassword }) => tollgate.changePassword(currentPassword, newPassword),
    // The session begins anew, with new times.
    onSuccess: () => queryClient.invalidateQueries({ queryKey: sessionKey }),
  });
}
