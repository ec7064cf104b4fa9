import type { Passkey } from "@tollgate/client";
import { useRemovePasskey } from "@tollgate/client/react";
import { useState } from "react";

/** `unconfirmed` is what to delete once the password has been confirmed, because this session is not fresh. */
export function useDeletion() {
  const mutation = useRemovePasskey();
  const [unconfirmed, setUnconfirmed] = useState<Passkey | null>(null);
  const [deleted, setDeleted] = useState<Passkey | null>(null);

  const remove = (passkey: Passkey, password?: string) => {
    setDeleted(null);
    mutation.mutate(
      { id: passkey.id, currentPassword: password },
      {
        onSuccess: () => {
          setUnconfirmed(null);
          setDeleted(passkey);
        },
        onError: ({ code }) => {
          if (code === "fresh_login_required") setUnconfirmed(passkey);
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
  return { remove, cancel, unconfirmed, deleted, error, pending: mutation.isPending };
}
