import { isPaymentRequired } from "@tollgate/client";
import { usePost } from "@tollgate/client/react";
import { useLocation, useParams } from "react-router";
import { Failure } from "../feedback/Failure";
import { Waiting } from "../feedback/Waiting";
import { Article } from "../posts/Article";
import { Paywall } from "../posts/Paywall";
import { NotFoundPage } from "./NotFoundPage";

export function PostPage() {
  const id = Number(useParams().id);
  // Another post is another reading, so nothing of the one before may stay.
  return Number.isSafeInteger(id) && id > 0 ? <Reading key={id} id={id} /> : <NotFoundPage />;
}

function Reading({ id }: { id: number }) {
  const query = usePost(id);
  const state = useLocation().state as { title?: string } | null;
  const { data, error } = query;
  if (data) return <Article post={data.post} readAt={query.dataUpdatedAt} />;
  if (query.isFetching || !error) return <Waiting>Fetching the post…</Waiting>;
  if (isPaymentRequired(error)) {
    return <Paywall refusal={error.body} readAgain={() => query.refetch()} />;
  }
  if (error.code === "blog_not_found") return <NotFoundPage />;
  return <Failure title={state?.title ?? "No answer"} error={error} retry={() => query.refetch()} />;
}
