import { useForgetTrustedBrowsers } from "@tollgate/client/react";
import { ErrorMessage } from "../feedback/ErrorMessage";

export function ForgetTrustedBrowsers() {
  const { mutate, isPending, isSuccess, error } = useForgetTrustedBrowsers();
  return (
    <>
      <ErrorMessage error={error} />
      <div role="status">
        {isSuccess && <p className="notice">Signing in needs the second factor in every browser again.</p>}
      </div>
      <p>
        <button className="button quiet" type="button" aria-disabled={isPending} onClick={() => mutate()}>
          Forget trusted browsers
        </button>
      </p>
    </>
  );
}
