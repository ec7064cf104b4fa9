import { useMeter, useSession } from "@tollgate/client/react";
import { ChangeEmail } from "../account/ChangeEmail";
import { ChangePassword } from "../account/ChangePassword";
import { DeleteAccount } from "../account/DeleteAccount";
import { Subscription } from "../account/Subscription";
import { date } from "../format";
import { Heading } from "../layout/Heading";
import { Section } from "../layout/Section";
import { Passkeys } from "../passkeys/Passkeys";
import { SecondFactor } from "../second-factor/SecondFactor";
import { ApiTokens } from "../tokens/ApiTokens";

export function AccountPage() {
  const { data: user } = useSession();
  const { error } = useMeter();
  if (!user) return null;
  // Set by the operator (`REQUIRE_SECOND_FACTOR`): until there is one, everything else is refused.
  const needsSecondFactor = error?.code === "second_factor_required_by_policy";
  const { stay_signed_in, expires_at } = user.session;
  return (
    <div className="page">
      <header>
        <Heading title="Account" />
        {needsSecondFactor && <p className="notice">This site requires a second factor. Add one to continue.</p>}
      </header>
      <Section title="Profile">
        <dl className="details">
          <dt>Username</dt>
          <dd>{user.username}</dd>
          <dt>Registered</dt>
          <dd>{date(user.created_at)}</dd>
          <dt>This session</dt>
          <dd>
            Ends {stay_signed_in ? "" : "when you close the browser, or "}on {date(expires_at)} at the latest
          </dd>
        </dl>
      </Section>
      {!needsSecondFactor && (
        <>
          <Subscription />
          <ChangeEmail user={user} />
          <ChangePassword username={user.username} />
        </>
      )}
      <SecondFactor user={user} />
      <Passkeys />
      {!needsSecondFactor && (
        <>
          <ApiTokens user={user} />
          <DeleteAccount />
        </>
      )}
    </div>
  );
}
