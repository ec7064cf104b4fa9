import type { TollgateError } from "@tollgate/client";
import { Navigate, useLocation } from "react-router";
import { Heading } from "../layout/Heading";
import { ErrorMessage } from "./ErrorMessage";
import { Loading } from "./Loading";

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
  // The sign-in form is about to replace the page.
  if (error.code === "login_required") return <Loading />;
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
