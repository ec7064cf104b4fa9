import { useSession } from "@tollgate/client/react";
import { useState } from "react";
import { Navigate, Outlet, useLocation, useOutletContext } from "react-router";
import { Failure } from "../feedback/Failure";
import { Waiting } from "../feedback/Waiting";
import { type Farewell, loginPath } from "./next";

/** Shows its pages to who is signed in, and sends others to the sign-in form once it is known that they are not. */
export function Gate() {
  const session = useSession();
  const location = useLocation();
  const leaving = useOutletContext<boolean>();
  const [wasOpen, setWasOpen] = useState(false);
  if (session.data && !wasOpen) setWasOpen(true);

  if (session.data) return <Outlet />;
  if (session.data === null) {
    if (leaving) return <SignIn to="/login" farewell="signed-out" />;
    return <SignIn to={loginPath(location)} {...(wasOpen && { farewell: "expired" })} />;
  }
  if (session.error) return <Failure title="No answer" error={session.error} retry={() => session.refetch()} />;
  return <Waiting>Opening the gate…</Waiting>;
}

function SignIn({ to, farewell }: { to: string; farewell?: Farewell }) {
  return <Navigate to={to} replace state={{ farewell }} />;
}
