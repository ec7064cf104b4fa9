import type { ReadPost } from "@tollgate/client";
import { useSession } from "@tollgate/client/react";
import { useRef } from "react";
import Markdown from "react-markdown";
import { Link } from "react-router";
import { date } from "../format";
import { Heading } from "../layout/Heading";
import { GiveAway } from "./GiveAway";
import { issueNumber } from "./issue-number";
import { MeterStatus } from "./MeterStatus";
import { useDropCap } from "./useDropCap";

export function Article({ post, readsLeft, readAt }: ReadPost & { readAt: number }) {
  const prose = useRef<HTMLDivElement>(null);
  useDropCap(prose);
  const { data: user } = useSession();
  return (
    <article className="post">
      <p className="label">
        {issueNumber(post.id)} · <time dateTime={post.created_at}>{date(post.created_at)}</time>
      </p>
      <Heading title={post.title} />
      {/* Without a session, free posts and gifts have no meter. */}
      {readsLeft && <MeterStatus since={readAt} />}
      <div className="prose" ref={prose}>
        {/* Shows HTML as text and drops links that are not http, https or mailto. */}
        <Markdown components={{ h1: "h2" }}>{post.data}</Markdown>
      </div>
      {user && <GiveAway post={post} user={user} />}
      <p className="post-footer label">
        <Link to="/">All posts</Link>
      </p>
    </article>
  );
}
