import type { ErrorBody } from "@tollgate/client";
import { Link, useLocation } from "react-router";
import { count, dateTime } from "../format";
import { Heading } from "../layout/Heading";
import { loginPath } from "../session/next";
import { PaymentCheck } from "./PaymentCheck";

interface PaywallProps {
  details:
    | ErrorBody<"payment_required" | "subscription_required">
    | Extract<ErrorBody<"login_required">, { anonymous: true }>;
  refetch: () => void;
}

export function Paywall({ details, refetch }: PaywallProps) {
  const location = useLocation();
  const { post_title, excerpt } = details;
  const checkoutUrl = "checkout_url" in details && details.checkout_url;
  const meter = details.code !== "subscription_required" && details.limit > 0 ? details : null;
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
        {details.code === "login_required" && (
          <p>
            <Link className="button" to={loginPath(location)}>
              Sign in or register to continue reading
            </Link>
          </p>
        )}
        {checkoutUrl && (
          <>
            <p>
              <a className="button" href={checkoutUrl}>
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
