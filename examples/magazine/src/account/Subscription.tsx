import type { Subscription as SubscriptionData } from "@tollgate/client";
import { useMeter, useSubscription } from "@tollgate/client/react";
import { LoadError } from "../feedback/LoadError";
import { date } from "../format";
import { Section } from "../layout/Section";
import { MeterStatus } from "../posts/MeterStatus";

export function Subscription() {
  const { data: subscription, error, refetch } = useSubscription();
  const { data: meter } = useMeter();
  return (
    <Section title="Subscription">
      {subscription && <p>{describe(subscription)}</p>}
      {!subscription && error && <LoadError error={error} retry={refetch} />}
      <MeterStatus />
      {meter?.checkout_url && !meter.subscribed && (
        <p>
          <a className="button" href={meter.checkout_url}>
            Subscribe
          </a>
        </p>
      )}
      {subscription?.billing_portal_url && (
        <p>
          <a className="button quiet" href={subscription.billing_portal_url}>
            Manage subscription
          </a>
        </p>
      )}
    </Section>
  );
}

function describe({ status, current_period_end, grace_until }: SubscriptionData): string {
  switch (status) {
    case "none":
      return "You have no subscription.";
    case "active":
      return current_period_end
        ? `Your subscription is paid until ${date(current_period_end)}.`
        : "Your subscription is active.";
    case "past_due":
      return `Your last payment failed.${grace_until ? ` You keep your access until ${date(grace_until)}.` : ""}`;
    case "ended":
      return "Your subscription has ended.";
  }
}
