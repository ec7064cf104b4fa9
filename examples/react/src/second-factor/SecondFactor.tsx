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

  const codes = replacement.data ?? confirm.data;
  const content = () => {
    if (codes?.length) return <RecoveryCodes codes={codes} close={close} />;
    if (start.data && !confirm.isSuccess) return <Enrolment enrolment={start.data} confirm={confirm} cancel={close} />;
    if (!user.second_factors.includes("totp")) {
      return (
        <>
          {remove.isSuccess && <FocusedNotice>The authenticator app has been removed.</FocusedNotice>}
          <p>With a second factor, signing in also needs a code from an app on your phone.</p>
          <ConfirmedButton label="Set up an authenticator app" mutation={start} />
        </>
      );
    }
    return (
      <>
        <RecoveryCodesLeft />
        <p>Signing in needs a code from your authenticator app.</p>
        <ConfirmedButton label="Create new recovery codes" mutation={replacement} />
        <ForgetTrustedBrowsers />
        <ConfirmedButton label="Remove the authenticator app" mutation={remove} />
      </>
    );
  };
  return <Section title="Second factor">{content()}</Section>;
}
