import { usePosts } from "@tollgate/client/react";
import { Failure } from "../feedback/Failure";
import { Waiting } from "../feedback/Waiting";
import { Heading } from "../layout/Heading";
import { Contents } from "../posts/Contents";
import { Toll } from "../posts/Toll";

const PAGE = 10;

export function PostsPage() {
  const posts = usePosts({ limit: PAGE });
  return (
    <>
      <div className="opening">
        <Heading title="Posts" />
        <Toll />
      </div>
      {posts.data && <Contents posts={posts.data.pages.flatMap((page) => page.posts)} query={posts} />}
      {!posts.data && posts.error && <Failure error={posts.error} retry={() => posts.refetch()} />}
      {posts.isPending && <Waiting>Fetching the posts…</Waiting>}
    </>
  );
}
