import { useMeter } from "@tollgate/client/react";
import { useState } from "react";
import { ErrorMessage } from "../feedback/ErrorMessage";

/** Stripe may report a payment only after the reader has come back. */
export function PaymentCheck({ onSubscribed }: { onSubscribed: () => void }) {
  const meter = useMeter();
  const [isWaiting, setIsWaiting] = useState(false);
  const check = async () => {
    const { data } = await meter.refetch();
    if (data?.subscribed) onSubscribed();
    setIsWaiting(data?.subscribed === false);
  };
  return (
    <div className="payment-check label">
      <span>Already paid?</span>
      <button className="button quiet small" type="button" aria-disabled={meter.isFetching} onClick={check}>
        Check again
      </button>
      <div role="status">{isWaiting && "Your payment has not arrived yet. This can take a minute."}</div>
      <ErrorMessage error={meter.error} />
    </div>
  );
}
