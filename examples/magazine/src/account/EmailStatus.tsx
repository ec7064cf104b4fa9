import type { User } from "@tollgate/client";
import { useResendVerification } from "@tollgate/client/react";
import { ErrorMessage } from "../feedback/ErrorMessage";

/** Which address is not verified yet, with a button to send the link again. */
export function EmailStatus({ user }: { user: User }) {
  const { mutate, isPending, isSuccess, error } = useResendVerification();
  const unverified = user.pending_email ?? (user.email_verified ? null : user.email);
  if (unverified === null) return user.email === null ? null : <p className="label">Verified</p>;
  return (
    <>
      <p>
        <strong>{unverified}</strong> is not verified. Open the link in the message that was sent to it.
        {user.pending_email !== null && user.email !== null && ` Until then, ${user.email} remains your address.`}
      </p>
      <ErrorMessage error={error} />
      <div role="status">{isSuccess && <p className="notice">The message has been sent again.</p>}</div>
      <p>
        <button className="button quiet small" type="button" aria-disabled={isPending} onClick={() => mutate()}>
          Send again
        </button>
      </p>
    </>
  );
}
