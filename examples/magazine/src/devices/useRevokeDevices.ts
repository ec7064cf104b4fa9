import type { Session } from "@tollgate/client";
import { useEndSession } from "@tollgate/client/react";
import { useState } from "react";

type Target = Session | "others";

/** `unconfirmed` is what to sign out once the password has been confirmed, because this session is not fresh. */
export function useRevokeDevices() {
  const mutation = useEndSession();
  const [unconfirmed, setUnconfirmed] = useState<Target | null>(null);
  const [success, setSuccess] = useState<string | null>(null);

  const revoke = (target: Target, password?: string) => {
    setSuccess(null);
    mutation.mutate(
      { id: target === "others" ? target : target.id, currentPassword: password },
      {
        onSuccess: () => {
          setUnconfirmed(null);
          setSuccess(
            target === "others" ? "All other devices have been signed out." : `${target.device} has been signed out.`,
          );
        },
        onError: ({ code }) => {
          if (code === "fresh_login_required") setUnconfirmed(target);
        },
      },
    );
  };
  const cancel = () => {
    mutation.reset();
    setUnconfirmed(null);
  };
  // The dialog asks for the password instead.
  const error = mutation.error?.code === "fresh_login_required" ? null : mutation.error;
  return { revoke, cancel, unconfirmed, success, error, pending: mutation.isPending };
}
