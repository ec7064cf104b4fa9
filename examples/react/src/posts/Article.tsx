import type { Post } from "@tollgate/client";
import Markdown from "react-markdown";
import { Link } from "react-router";
import { date } from "../format";
import { Heading } from "../layout/Heading";
import { issue } from "./numbers";
import { Toll } from "./Toll";

export function Article({ post, readAt }: { post: Post; readAt: number }) {
  return (
    <article className="post">
      <p className="label">
        {issue(post.id)} · <time dateTime={post.created_at}>{date(post.created_at)}</time>
      </p>
      <Heading title={post.title} />
      <Toll since={readAt} />
      <div className="prose">
        <Markdown components={{ h1: "h2" }}>{post.data}</Markdown>
      </div>
      <p className="onward label">
        <Link to="/">All posts</Link>
      </p>
    </article>
  );
}
