import type { Passkey } from "@tollgate/client";
import { ErrorMessage } from "../feedback/ErrorMessage";
import { FocusedNotice } from "../feedback/FocusedNotice";
import { PasswordDialog } from "../forms/PasswordDialog";
import { PasskeyListItem } from "./PasskeyListItem";
import { useDeletion } from "./useDeletion";

export function PasskeyList({ passkeys, onChange }: { passkeys: Passkey[]; onChange: () => void }) {
  const { remove, cancel, unconfirmed, deleted, error, pending } = useDeletion();
  return (
    <>
      {/* The button that had the focus has disappeared with its passkey. */}
      {deleted && <FocusedNotice key={deleted.id}>“{deleted.name}” has been deleted.</FocusedNotice>}
      <ErrorMessage error={unconfirmed ? null : error} />
      {passkeys.length > 0 && (
        <ul className="devices">
          {passkeys.map((passkey) => (
            <PasskeyListItem
              key={passkey.id}
              passkey={passkey}
              remove={() => {
                onChange();
                remove(passkey);
              }}
            />
          ))}
        </ul>
      )}
      {unconfirmed && (
        <PasswordDialog
          title="Confirm your password"
          submitLabel="Delete passkey"
          onPassword={(password) => remove(unconfirmed, password)}
          onCancel={cancel}
          pending={pending}
          error={error}
        >
          You signed in a while ago. Enter your password to continue.
        </PasswordDialog>
      )}
    </>
  );
}
