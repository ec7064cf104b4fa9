import type { TollgateError } from "@tollgate/client";
import { Navigate, useLocation } from "react-router";
import { Heading } from "../layout/Heading";
import { SignInRedirect } from "../session/SignInRedirect";
import { ErrorMessage } from "./ErrorMessage";

interface LoadErrorProps {
  error: TollgateError;
  retry: () => void;
  /** The page's heading, if it has no other. */
  title?: string;
}

/** Shown instead of what could not be loaded. */
export function LoadError({ error, retry, title }: LoadErrorProps) {
  const { pathname } = useLocation();
  if (error.code === "second_factor_required_by_policy") {
    return pathname === "/account" ? null : <Navigate to="/account" replace />;
  }
  if (error.code === "login_required") return <SignInRedirect />;
  return (
    <div className="load-error">
      {title && <Heading title={title} />}
      <ErrorMessage error={error} />
      <button className="button" type="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}
