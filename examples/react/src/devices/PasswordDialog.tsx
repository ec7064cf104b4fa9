import type { TollgateError } from "@tollgate/client";
import { useEffect, useRef } from "react";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { text } from "../forms/values";

interface PasswordDialogProps {
  submit: string;
  onPassword: (password: string) => void;
  onCancel: () => void;
  pending: boolean;
  error: TollgateError | null;
}

export function PasswordDialog({ submit, onPassword, onCancel, pending, error }: PasswordDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);

  // Cancelling closes it first, which gives the focus back to what opened it.
  return (
    <dialog ref={dialog} aria-labelledby="password-why" onClose={onCancel}>
      <h2 id="password-why">Is it you?</h2>
      <p>It is a while since you signed in here. Please give your password for this.</p>
      <Form
        submit={submit}
        onSubmit={(values) => onPassword(text(values, "password"))}
        pending={pending}
        error={error}
        actions={
          <button className="button quiet" type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        }
      >
        <Field name="password" label="Password" type="password" autoComplete="current-password" required />
      </Form>
    </dialog>
  );
}
