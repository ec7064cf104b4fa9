import type { TollgateError } from "@tollgate/client";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { Field } from "./Field";
import { Form } from "./Form";
import { textValue } from "./values";

interface PasswordDialogProps {
  title: string;
  children: ReactNode;
  submitLabel: string;
  onPassword: (password: string) => void;
  onCancel: () => void;
  pending: boolean;
  error: TollgateError | null;
}

export function PasswordDialog({
  title,
  children,
  submitLabel,
  onPassword,
  onCancel,
  pending,
  error,
}: PasswordDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);

  // Cancel closes the dialog before it is unmounted, which returns the focus to the button that opened it.
  return (
    <dialog ref={dialog} aria-labelledby={titleId} onClose={onCancel}>
      <h2 id={titleId}>{title}</h2>
      <p>{children}</p>
      <Form
        submitLabel={submitLabel}
        onSubmit={(values) => onPassword(textValue(values, "password"))}
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
