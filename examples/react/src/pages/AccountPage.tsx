import { useSession } from "@tollgate/client/react";
import { PasswordChange } from "../account/PasswordChange";
import { Subscription } from "../account/Subscription";
import { date } from "../format";
import { Heading } from "../layout/Heading";

export function AccountPage() {
  const { data: user } = useSession();
  if (!user) return null;
  return (
    <div className="sheet">
      <header>
        <Heading title="Account" />
      </header>
      <dl className="facts">
        <dt>Name</dt>
        <dd>{user.username}</dd>
        <dt>E-mail address</dt>
        <dd>{user.email ?? "none"}</dd>
        <dt>Registered</dt>
        <dd>{date(user.created_at)}</dd>
        <dt>This session</dt>
        <dd>
          {user.session.stay_signed_in ? "stays when the browser is closed" : "ends with the browser"}, at the latest on{" "}
          {date(user.session.expires_at)}
        </dd>
      </dl>
      <Subscription />
      <PasswordChange username={user.username} />
    </div>
  );
}
