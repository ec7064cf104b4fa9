import { useSession, useSignOutReason } from "@tollgate/client/react";
import { Outlet } from "react-router";
import { LoadError } from "../feedback/LoadError";
import { Loading } from "../feedback/Loading";
import { SignInRedirect } from "./SignInRedirect";

/** Shows its pages once it is known whether somebody is signed in. */
export function CheckSession() {
  const session = useSession();
  const reason = useSignOutReason();

  // Without the session that has ended, this page could spend a read, and still has what only that user may see.
  if (session.data === null && reason) return <SignInRedirect />;
  if (session.data !== undefined) return <Outlet />;
  if (session.error) {
    return <LoadError title="Something went wrong" error={session.error} retry={() => session.refetch()} />;
  }
  return <Loading />;
}
