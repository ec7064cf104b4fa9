import { useVerifyEmail } from "@tollgate/client/react";
import { Link } from "react-router";
import { Heading } from "../layout/Heading";
import { TokenForm } from "../mail/TokenForm";

/** Where the link in a verification message leads. */
export function VerifyEmailPage() {
  const verify = useVerifyEmail();
  return (
    <div className="form-page">
      <Heading title="Confirm your email address" />
      <TokenForm submitLabel="Confirm address" mutation={verify} success="Your email address has been confirmed." />
      {(verify.isSuccess || verify.isError) && (
        <p>
          <Link to="/account">Your account</Link>
        </p>
      )}
    </div>
  );
}
