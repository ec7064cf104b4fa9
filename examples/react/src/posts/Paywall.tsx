import type { PaymentRequired, SubscriptionRequired } from "@tollgate/client";
import { Link } from "react-router";
import { count, dateTime } from "../format";
import { Heading } from "../layout/Heading";
import { PaymentCheck } from "./PaymentCheck";

interface PaywallProps {
  details: PaymentRequired | SubscriptionRequired;
  refetch: () => void;
}

export function Paywall({ details, refetch }: PaywallProps) {
  const { post_title, excerpt, checkout_url } = details;
  const meter = details.code === "payment_required" && details.limit > 0 ? details : null;
  return (
    <article className="post">
      <Heading title={post_title} />
      <p className="teaser">{excerpt}</p>
      <section className="paywall" aria-labelledby="paywall">
        <h2 id="paywall">{meter ? `You have used your ${count(meter.limit, "free read")}` : "For subscribers only"}</h2>
        {meter?.resets_at && (
          <p>
            You get new free reads on <time dateTime={meter.resets_at}>{dateTime(meter.resets_at)}</time>.
          </p>
        )}
        {checkout_url && (
          <>
            <p>
              <a className="button" href={checkout_url}>
                Subscribe to continue
              </a>
            </p>
            <PaymentCheck onSubscribed={refetch} />
          </>
        )}
      </section>
      <p className="post-footer label">
        <Link to="/">All posts</Link>
      </p>
    </article>
  );
}
