import { useMeter } from "@tollgate/client/react";
import { count, date } from "../format";
import { Coins } from "./Coins";

/** What is left to read. `since` is when a read was charged: a meter from before it does not know of it. */
export function Toll({ since = 0 }: { since?: number }) {
  const { data: meter, dataUpdatedAt } = useMeter();
  const current = dataUpdatedAt >= since ? meter : undefined;
  return (
    <div className="toll label" role="status">
      {current?.subscribed && <span>You subscribe, so read as much as you like.</span>}
      {current?.subscribed === false && (
        <>
          <Coins limit={current.limit} remaining={current.remaining} />
          <span>
            <strong>{count(current.remaining, "free read")} left</strong>
            {current.resets_at && `, new ones on ${date(current.resets_at)}`}
          </span>
        </>
      )}
      {/* Keeps the line's height while the meter is asked. */}
      {!current && <span aria-hidden="true">&nbsp;</span>}
    </div>
  );
}
