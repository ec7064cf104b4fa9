import { usePosts, useSession } from "@tollgate/client/react";
import { LoadError } from "../feedback/LoadError";
import { Loading } from "../feedback/Loading";
import { Heading } from "../layout/Heading";
import { MeterStatus } from "../posts/MeterStatus";
import { PostList } from "../posts/PostList";

const PAGE_SIZE = 10;

export function PostsPage() {
  const { data: user } = useSession();
  const posts = usePosts({ limit: PAGE_SIZE });
  // Only the response tells whether the list needs a session.
  if (!user && !posts.data) {
    if (!posts.error) return <Loading what="posts" />;
    return <LoadError title="Posts" error={posts.error} retry={() => posts.refetch()} />;
  }
  return (
    <>
      <div className="page-header">
        <Heading title="Posts" />
        <MeterStatus />
      </div>
      {posts.data && <PostList posts={posts.data.pages.flatMap((page) => page.items)} query={posts} />}
      {!posts.data && posts.error && <LoadError error={posts.error} retry={() => posts.refetch()} />}
      {posts.isPending && <Loading what="posts" />}
    </>
  );
}
