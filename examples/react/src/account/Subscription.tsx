import type { Subscription as Standing } from "@tollgate/client";
import { useMeter } from "@tollgate/client/react";
import { Failure } from "../feedback/Failure";
import { date } from "../format";
import { Toll } from "../posts/Toll";
import { useSubscription } from "./useSubscription";

export function Subscription() {
  const { data: standing, error, refetch } = useSubscription();
  const { data: meter } = useMeter();
  return (
    <section aria-labelledby="reading">
      <h2 id="reading">Reading</h2>
      {standing && <p>{sentence(standing)}</p>}
      {!standing && error && <Failure error={error} retry={refetch} />}
      <Toll />
      {meter?.checkout_url && !meter.subscribed && (
        <p>
          <a className="button" href={meter.checkout_url}>
            Subscribe
          </a>
        </p>
      )}
    </section>
  );
}

function sentence({ status, current_period_end, grace_until }: Standing): string {
  switch (status) {
    case "none":
      return "You have no subscription.";
    case "active":
      return current_period_end ? `Your subscription is paid until ${date(current_period_end)}.` : "You subscribe.";
    case "past_due":
      return `Your last payment failed.${grace_until ? ` You can read on until ${date(grace_until)}.` : ""}`;
    case "ended":
      return "Your subscription has ended.";
  }
}
