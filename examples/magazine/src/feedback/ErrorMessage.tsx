import type { TollgateError } from "@tollgate/client";
import { describeError } from "./describe-error";
import { RetryTime } from "./RetryTime";

/** The element is always there, so that screen readers announce an error as soon as it appears. */
export function ErrorMessage({ error }: { error: TollgateError | null }) {
  return (
    <div role="alert">
      {error && (
        <p className="notice error">
          {describeError(error)}
          {error.retryAfter !== null && <RetryTime key={error.requestId} seconds={error.retryAfter} />}
        </p>
      )}
    </div>
  );
}
