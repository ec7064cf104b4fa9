import type { Device } from "@tollgate/client";
import { useRevoke } from "@tollgate/client/react";
import { useState } from "react";

export type Elsewhere = Device | "others";

/** Ends sessions; `asking` is what waits for the password, because this session is not fresh. */
export function useSignOutElsewhere() {
  const revoke = useRevoke();
  const [asking, setAsking] = useState<Elsewhere | null>(null);
  const [done, setDone] = useState<string | null>(null);

  const signOut = (where: Elsewhere, password?: string) => {
    setDone(null);
    revoke.mutate(
      { id: where === "others" ? where : where.id, password },
      {
        onSuccess: () => {
          setAsking(null);
          setDone(where === "others" ? "You are signed out everywhere else." : `${where.device} is signed out.`);
        },
        onError: ({ code }) => {
          if (code === "fresh_login_required") setAsking(where);
        },
      },
    );
  };
  const cancel = () => {
    revoke.reset();
    setAsking(null);
  };
  // That the password is wanted is no error to show.
  const error = revoke.error?.code === "fresh_login_required" ? null : revoke.error;
  return { signOut, cancel, asking, done, error, pending: revoke.isPending };
}
