import type { TollgateError } from "@tollgate/client";
import { Heading } from "../layout/Heading";
import { Problem } from "./Problem";
import { Waiting } from "./Waiting";

interface FailureProps {
  error: TollgateError;
  retry: () => void;
  /** The page's heading, where there is no other. */
  title?: string;
}

/** Stands where something could not be loaded. */
export function Failure({ error, retry, title }: FailureProps) {
  // The gate is about to show the sign-in form.
  if (error.code === "login_required") return <Waiting>Opening the gate…</Waiting>;
  return (
    <div className="failure">
      {title && <Heading title={title} />}
      <Problem error={error} />
      <button className="button" type="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}
