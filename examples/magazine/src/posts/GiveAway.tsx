import type { Post, User } from "@tollgate/client";
import { useCreateGift, useMeter } from "@tollgate/client/react";
import { ErrorMessage } from "../feedback/ErrorMessage";
import { FocusedNotice } from "../feedback/FocusedNotice";

/** For subscribers and admins: a link with which somebody else reads the post. */
export function GiveAway({ post, user }: { post: Post; user: User }) {
  const { data: meter } = useMeter();
  const { mutate, data: gift, isPending, error } = useCreateGift(post.id);
  const mayGive = user.role === "admin" || meter?.subscribed;
  if (!mayGive || post.access === "free") return null;
  if (gift?.url) {
    return (
      <>
        <FocusedNotice>The first person to open this link can read the post for free:</FocusedNotice>
        <p>
          <a href={gift.url}>{gift.url}</a>
        </p>
      </>
    );
  }
  return (
    <>
      <ErrorMessage error={error} />
      <p>
        <button className="button quiet" type="button" aria-disabled={isPending} onClick={() => mutate()}>
          Give this post away
        </button>
      </p>
    </>
  );
}
