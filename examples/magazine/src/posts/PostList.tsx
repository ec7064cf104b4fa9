import type { PostSummary } from "@tollgate/client";
import type { usePosts } from "@tollgate/client/react";
import { useState } from "react";
import { ErrorMessage } from "../feedback/ErrorMessage";
import { PostListItem } from "./PostListItem";

interface PostListProps {
  posts: PostSummary[];
  query: ReturnType<typeof usePosts>;
}

export function PostList({ posts, query }: PostListProps) {
  // The button disappears after the last page, so the focus moves to the first new post.
  const [firstNew, setFirstNew] = useState<number>();
  const loadMore = () => {
    setFirstNew(posts.length);
    void query.fetchNextPage();
  };
  if (posts.length === 0) return <p>Nothing has been published yet.</p>;
  return (
    <>
      <ol className="post-list">
        {posts.map((post, index) => (
          <PostListItem key={post.id} post={post} focused={index === firstNew} />
        ))}
      </ol>
      <div className="load-more">
        <ErrorMessage error={query.isFetchNextPageError ? query.error : null} />
        {query.hasNextPage && (
          <button className="button quiet" type="button" aria-disabled={query.isFetchingNextPage} onClick={loadMore}>
            Load more
          </button>
        )}
      </div>
    </>
  );
}
