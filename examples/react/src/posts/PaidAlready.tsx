import { useMeter } from "@tollgate/client/react";
import { useState } from "react";
import { Problem } from "../feedback/Problem";

/** Who comes back from paying may be here before the payment is. */
export function PaidAlready({ readAgain }: { readAgain: () => void }) {
  const meter = useMeter();
  const [waiting, setWaiting] = useState(false);
  const check = async () => {
    const { data } = await meter.refetch();
    if (data?.subscribed) readAgain();
    setWaiting(data?.subscribed === false);
  };
  return (
    <div className="paid label">
      <span>Paid already?</span>
      <button className="button quiet small" type="button" aria-disabled={meter.isFetching} onClick={check}>
        Check again
      </button>
      <div role="status">{waiting && "The payment has not arrived yet. It may take a minute."}</div>
      <Problem error={meter.error} />
    </div>
  );
}
