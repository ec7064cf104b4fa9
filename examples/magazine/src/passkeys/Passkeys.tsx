import { supportsPasskeys } from "@tollgate/client";
import { useAddPasskey, usePasskeys } from "@tollgate/client/react";
import { FocusedNotice } from "../feedback/FocusedNotice";
import { LoadError } from "../feedback/LoadError";
import { Loading } from "../feedback/Loading";
import { ConfirmedButton } from "../forms/ConfirmedButton";
import { Section } from "../layout/Section";
import { PasskeyList } from "./PasskeyList";

export function Passkeys() {
  const { data: passkeys, error, refetch } = usePasskeys();
  const add = useAddPasskey();

  const content = () => {
    if (!passkeys)
      return error ? <LoadError error={error} retry={() => refetch()} /> : <Loading what="your passkeys" />;
    return (
      <>
        {/* With another key, the notice takes the focus again. */}
        {add.data && (
          <FocusedNotice key={add.data.id}>
            The passkey has been added. Create recovery codes, too, in case you lose it.
          </FocusedNotice>
        )}
        {passkeys.length === 0 && <p>You have no passkeys.</p>}
        <PasskeyList passkeys={passkeys} onChange={add.reset} />
        {supportsPasskeys() ? (
          <ConfirmedButton label="Add a passkey" mutation={add} />
        ) : (
          <p className="label">This browser has no passkeys.</p>
        )}
      </>
    );
  };
  return (
    <Section
      title="Passkeys"
      description="Sign in with a fingerprint, a face or a PIN instead of the password. Once you have one, signing in with the password needs a second factor."
    >
      {content()}
    </Section>
  );
}
