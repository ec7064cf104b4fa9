import type { PaymentRequired } from "@tollgate/client";
import { Link } from "react-router";
import { count, dateTime } from "../format";
import { Heading } from "../layout/Heading";
import { PaidAlready } from "./PaidAlready";

interface PaywallProps {
  refusal: PaymentRequired;
  readAgain: () => void;
}

export function Paywall({ refusal, readAgain }: PaywallProps) {
  const { post_title, excerpt, limit, resets_at, checkout_url } = refusal;
  return (
    <article className="post">
      <Heading title={post_title} />
      <p className="teaser">{excerpt}</p>
      <section className="gate" aria-labelledby="gate">
        <h2 id="gate">{limit === 0 ? "This is for subscribers" : `You have used your ${count(limit, "free read")}`}</h2>
        {resets_at && (
          <p>
            Free reads come back on <time dateTime={resets_at}>{dateTime(resets_at)}</time>.
          </p>
        )}
        {checkout_url && (
          <>
            <p>
              <a className="button" href={checkout_url}>
                Subscribe and read on
              </a>
            </p>
            <PaidAlready readAgain={readAgain} />
          </>
        )}
      </section>
      <p className="onward label">
        <Link to="/">All posts</Link>
      </p>
    </article>
  );
}
