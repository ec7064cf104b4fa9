import { useSession } from "@tollgate/client/react";
import { Outlet } from "react-router";
import { SignInRedirect } from "./SignInRedirect";

/** Shows its pages to signed-in users and redirects others to the sign-in form. Belongs inside `CheckSession`. */
export function RequireSession() {
  const { data: user } = useSession();
  return user ? <Outlet /> : <SignInRedirect />;
}
