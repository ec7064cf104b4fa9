import type { PostSummary } from "@tollgate/client";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { issue } from "./numbers";

export function Entry({ post, focused }: { post: PostSummary; focused: boolean }) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (focused) link.current?.focus();
  }, [focused]);
  return (
    <li>
      <span className="number label">{issue(post.id)}</span>
      <div>
        <h2>
          {/* A refused read does not tell the title. */}
          <Link ref={link} to={`/blog/${post.id}`} state={{ title: post.title }}>
            {post.title}
          </Link>
        </h2>
        <p>{post.excerpt}</p>
      </div>
    </li>
  );
}
