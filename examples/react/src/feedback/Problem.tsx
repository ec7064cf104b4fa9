import type { TollgateError } from "@tollgate/client";
import { explain } from "./explain";
import { RetryTime } from "./RetryTime";

/** What went wrong with what somebody asked for, read aloud at once. */
export function Problem({ error }: { error: TollgateError | null }) {
  return (
    <div role="alert">
      {error && (
        <p className="notice bad">
          {explain(error)}
          {error.retryAfter !== null && <RetryTime key={error.requestId} seconds={error.retryAfter} />}
        </p>
      )}
    </div>
  );
}
