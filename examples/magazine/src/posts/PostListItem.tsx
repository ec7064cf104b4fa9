import type { PostSummary } from "@tollgate/client";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { issueNumber } from "./issue-number";

export function PostListItem({ post, focused }: { post: PostSummary; focused: boolean }) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (focused) link.current?.focus();
  }, [focused]);
  return (
    <li>
      <span className="number label">{issueNumber(post.id)}</span>
      <div>
        <h2>
          {/* The title is shown if the post cannot be loaded. */}
          <Link ref={link} to={`/blog/${post.id}`} state={{ title: post.title }}>
            {post.title}
          </Link>
        </h2>
        <p>{post.excerpt}</p>
      </div>
    </li>
  );
}
