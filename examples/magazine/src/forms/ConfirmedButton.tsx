import type { ConfirmedMutation } from "@tollgate/client/react";
import { useState } from "react";
import { ErrorMessage } from "../feedback/ErrorMessage";
import { PasswordDialog } from "./PasswordDialog";

interface ConfirmedButtonProps<Data> {
  label: string;
  mutation: ConfirmedMutation<Data>;
}

/** A button that asks for the password if the session is not fresh. */
export function ConfirmedButton<Data>({ label, mutation }: ConfirmedButtonProps<Data>) {
  const { mutate, reset, isPending, error } = mutation;
  const [isUnconfirmed, setIsUnconfirmed] = useState(false);
  const send = (password?: string) =>
    mutate(
      { currentPassword: password },
      {
        onSuccess: () => setIsUnconfirmed(false),
        onError: ({ code }) => {
          if (code === "fresh_login_required") setIsUnconfirmed(true);
        },
      },
    );
  const cancel = () => {
    reset();
    setIsUnconfirmed(false);
  };
  // The dialog asks for the password instead.
  const shownError = error?.code === "fresh_login_required" ? null : error;
  return (
    <>
      <ErrorMessage error={isUnconfirmed ? null : shownError} />
      <p>
        <button className="button quiet" type="button" aria-disabled={isPending} onClick={() => send()}>
          {label}
        </button>
      </p>
      {isUnconfirmed && (
        <PasswordDialog
          title="Confirm your password"
          submitLabel={label}
          onPassword={send}
          onCancel={cancel}
          pending={isPending}
          error={shownError}
        >
          You signed in a while ago. Enter your password to continue.
        </PasswordDialog>
      )}
    </>
  );
}
