import { useSecureAccount } from "@tollgate/client/react";
import { Heading } from "../layout/Heading";
import { TokenForm } from "../mail/TokenForm";

/** Where the link in a notice leads. */
export function SecureAccountPage() {
  const secure = useSecureAccount();
  return (
    <div className="form-page">
      <Heading title="This wasn't me" />
      {!secure.isSuccess && (
        <p>
          This signs everybody out of your account, makes its password unusable, undoes a change of the email address,
          and sends you a link to choose a new password.
        </p>
      )}
      <TokenForm
        submitLabel="Secure my account"
        mutation={secure}
        success="Your account is secured. Choose a new password using the link we sent you."
      />
    </div>
  );
}
