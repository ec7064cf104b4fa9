import { useMeter } from "@tollgate/client/react";
import { Link, useLocation } from "react-router";
import { count, date } from "../format";
import { loginPath } from "../session/next";
import { Coins } from "./Coins";

/** What is left to read. `since` is the time of the last read: an older meter does not include it and is not shown. */
export function MeterStatus({ since = 0 }: { since?: number }) {
  const { data, dataUpdatedAt } = useMeter();
  const location = useLocation();
  const meter = dataUpdatedAt >= since ? data : undefined;
  return (
    <div className="meter-status label" role="status">
      {meter?.subscribed && <span>You have a subscription with unlimited reads.</span>}
      {meter?.subscribed === false && (
        <>
          <Coins limit={meter.limit} remaining={meter.remaining} />
          <span>
            <strong>
              {meter.remaining} of {count(meter.limit, "free read")} left
            </strong>
            {meter.resets_at && ` until ${date(meter.resets_at)}`}
          </span>
        </>
      )}
      {meter?.anonymous && <Link to={loginPath(location)}>Sign in</Link>}
      {/* Keeps the height of the line while the meter is loading. */}
      {!meter && <span aria-hidden="true">&nbsp;</span>}
    </div>
  );
}
