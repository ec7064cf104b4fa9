import type { User } from "@tollgate/client";
import { useRecoveryCodes, useTotp } from "@tollgate/client/react";
import { FocusedNotice } from "../feedback/FocusedNotice";
import { ConfirmedButton } from "../forms/ConfirmedButton";
import { Section } from "../layout/Section";
import { Enrolment } from "./Enrolment";
import { ForgetTrustedBrowsers } from "./ForgetTrustedBrowsers";
import { RecoveryCodes } from "./RecoveryCodes";
import { RecoveryCodesLeft } from "./RecoveryCodesLeft";

export function SecondFactor({ user }: { user: User }) {
  const { start, confirm, remove } = useTotp();
  const replacement = useRecoveryCodes();
  const close = () => {
    for (const { reset } of [start, confirm, remove, replacement]) reset();
  };

  const hasApp = user.second_factors.includes("totp");
  const codes = replacement.data ?? confirm.data;
  const content = () => {
    if (codes?.length) return <RecoveryCodes codes={codes} close={close} />;
    if (start.data && !confirm.isSuccess) return <Enrolment enrolment={start.data} confirm={confirm} cancel={close} />;
    return (
      <>
        {remove.isSuccess && !hasApp && <FocusedNotice>The authenticator app has been removed.</FocusedNotice>}
        <RecoveryCodesLeft />
        <p>{describeFactors(user)}</p>
        {user.second_factors.length > 0 && (
          <>
            <ConfirmedButton label="Create new recovery codes" mutation={replacement} />
            <ForgetTrustedBrowsers />
          </>
        )}
        {hasApp ? (
          <ConfirmedButton label="Remove the authenticator app" mutation={remove} />
        ) : (
          <ConfirmedButton label="Set up an authenticator app" mutation={start} />
        )}
      </>
    );
  };
  return <Section title="Second factor">{content()}</Section>;
}

function describeFactors({ second_factors }: User): string {
  const hasPasskey = second_factors.includes("passkey");
  if (second_factors.includes("totp")) {
    return `Signing in needs a code from your authenticator app${hasPasskey ? ", or a passkey" : ""}.`;
  }
  if (hasPasskey) return "Signing in needs a passkey.";
  return "With a second factor, signing in also needs a code from an app on your phone, or a passkey.";
}
