import type { PaymentRequired } from "@tollgate/client";
import { Link } from "react-router";
import { count, dateTime } from "../format";
import { Heading } from "../layout/Heading";
import { PaymentCheck } from "./PaymentCheck";

interface PaywallProps {
  details: PaymentRequired;
  refetch: () => void;
}

export function Paywall({ details, refetch }: PaywallProps) {
  const { post_title, excerpt, limit, resets_at, checkout_url } = details;
  return (
    <article className="post">
      <Heading title={post_title} />
      <p className="teaser">{excerpt}</p>
      <section className="paywall" aria-labelledby="paywall">
        <h2 id="paywall">{limit === 0 ? "For subscribers only" : `You have used your ${count(limit, "free read")}`}</h2>
        {resets_at && (
          <p>
            You get new free reads on <time dateTime={resets_at}>{dateTime(resets_at)}</time>.
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
