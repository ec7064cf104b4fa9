import { useSession, useSignOutReason } from "@tollgate/client/react";
import { Navigate, Outlet, useLocation } from "react-router";
import { LoadError } from "../feedback/LoadError";
import { Loading } from "../feedback/Loading";
import { loginPath } from "./next";

/** Shows its pages to signed-in users and redirects others to the sign-in form. */
export function RequireSession() {
  const session = useSession();
  const reason = useSignOutReason();
  const location = useLocation();

  if (session.data) return <Outlet />;
  if (session.data === null) {
    const isOwnChoice = reason === "signed_out" || reason === "account_deleted";
    return <Navigate to={isOwnChoice ? "/login" : loginPath(location)} replace state={{ reason }} />;
  }
  if (session.error) {
    return <LoadError title="Something went wrong" error={session.error} retry={() => session.refetch()} />;
  }
  return <Loading />;
}
