import { useSession, useSignOutReason } from "@tollgate/client/react";
import { Navigate, useLocation } from "react-router";
import { Loading } from "../feedback/Loading";
import { loginPath } from "./next";

/** Leads to the sign-in form, and from there back to this page, unless the user chose to leave. */
export function SignInRedirect() {
  const { data: user } = useSession();
  const reason = useSignOutReason();
  const location = useLocation();
  // The session is about to end. Until then, the sign-in form would lead straight back.
  if (user) return <Loading />;
  const isOwnChoice = reason === "signed_out" || reason === "account_deleted";
  return <Navigate to={isOwnChoice ? "/login" : loginPath(location)} replace state={{ reason }} />;
}
