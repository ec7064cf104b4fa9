import { usePost } from "@tollgate/client/react";
import { Link, useLocation, useParams, useSearchParams } from "react-router";
import { LoadError } from "../feedback/LoadError";
import { Loading } from "../feedback/Loading";
import { Heading } from "../layout/Heading";
import { Article } from "../posts/Article";
import { Paywall } from "../posts/Paywall";
import { NotFoundPage } from "./NotFoundPage";

export function PostPage() {
  const id = Number(useParams().id);
  // The key resets all state when another post is opened.
  return Number.isSafeInteger(id) && id > 0 ? <Post key={id} id={id} /> : <NotFoundPage />;
}

function Post({ id }: { id: number }) {
  const [search] = useSearchParams();
  const query = usePost(id, { gift: search.get("gift") ?? undefined });
  const state = useLocation().state as { title?: string } | null;
  const { data, error } = query;
  if (data) return <Article {...data} readAt={query.dataUpdatedAt} />;
  if (query.isFetching || !error) return <Loading what="post" />;
  const refetch = () => query.refetch();
  if (error.code === "payment_required" || error.code === "subscription_required") {
    return <Paywall details={error.body} refetch={refetch} />;
  }
  if (error.code === "login_required" && error.body.anonymous)
    return <Paywall details={error.body} refetch={refetch} />;
  if (error.code === "email_not_verified") return <VerifyFirst title={state?.title} />;
  if (error.code === "blog_not_found") return <NotFoundPage />;
  return <LoadError title={state?.title ?? "Something went wrong"} error={error} retry={refetch} />;
}

/** Shown if the operator requires a verified address (`REQUIRE_VERIFIED_EMAIL`). */
function VerifyFirst({ title = "Confirm your email address" }: { title?: string | undefined }) {
  return (
    <div className="post">
      <Heading title={title} />
      <p>
        Confirm your email address to read posts: open the link in the message that was sent to it. You can have it sent
        again in <Link to="/account">your account</Link>.
      </p>
    </div>
  );
}
