import { useLogout, useSession } from "@tollgate/client/react";
import { useEffect } from "react";

/** `leaving` tells a session that was ended here from one that ended otherwise. */
export function useSignOut() {
  const { data: user } = useSession();
  const { mutate, reset, error, isPending, isSuccess } = useLogout();
  useEffect(() => {
    if (user) reset();
  }, [user, reset]);
  return { signOut: () => mutate(), leaving: isPending || isSuccess, error };
}
