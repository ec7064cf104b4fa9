import { useSession } from "@tollgate/client/react";
import { ChangeEmail } from "../account/ChangeEmail";
import { ChangePassword } from "../account/ChangePassword";
import { DeleteAccount } from "../account/DeleteAccount";
import { Subscription } from "../account/Subscription";
import { date } from "../format";
import { Heading } from "../layout/Heading";
import { Section } from "../layout/Section";

export function AccountPage() {
  const { data: user } = useSession();
  if (!user) return null;
  const { stay_signed_in, expires_at } = user.session;
  return (
    <div className="page">
      <header>
        <Heading title="Account" />
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
      <Subscription />
      <ChangeEmail user={user} />
      <ChangePassword username={user.username} />
      <DeleteAccount />
    </div>
  );
}
