import type { PostSummary } from "@tollgate/client";
import type { usePosts } from "@tollgate/client/react";
import { useState } from "react";
import { Problem } from "../feedback/Problem";
import { Entry } from "./Entry";

interface ContentsProps {
  posts: PostSummary[];
  query: ReturnType<typeof usePosts>;
}

export function Contents({ posts, query }: ContentsProps) {
  // The button may be gone after its last use, so the focus goes on to what it brought.
  const [firstNew, setFirstNew] = useState<number>();
  const more = () => {
    setFirstNew(posts.length);
    void query.fetchNextPage();
  };
  if (posts.length === 0) return <p>Nothing has been published yet.</p>;
  return (
    <>
      <ol className="contents">
        {posts.map((post, index) => (
          <Entry key={post.id} post={post} focused={index === firstNew} />
        ))}
      </ol>
      <div className="more">
        <Problem error={query.isFetchNextPageError ? query.error : null} />
        {query.hasNextPage && (
          <button className="button quiet" type="button" aria-disabled={query.isFetchingNextPage} onClick={more}>
            Load more
          </button>
        )}
      </div>
    </>
  );
}
