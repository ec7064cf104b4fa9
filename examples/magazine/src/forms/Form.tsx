import type { TollgateError } from "@tollgate/client";
import { type ReactNode, type SubmitEvent, useEffect, useRef } from "react";
import { ErrorMessage } from "../feedback/ErrorMessage";
import { FormErrors, fieldErrors } from "./errors";

export interface FormProps {
  children: ReactNode;
  submitLabel: string;
  onSubmit: (values: FormData) => void;
  pending: boolean;
  error: TollgateError | null;
  /** The field that shows `incorrect_password`. */
  passwordField?: string;
  actions?: ReactNode;
}

/** Validates nothing itself: the server reports all invalid fields at once. */
export function Form({
  children,
  submitLabel,
  onSubmit,
  pending,
  error,
  passwordField = "password",
  actions,
}: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const errors = fieldErrors(error, passwordField);
  const formError = Object.keys(errors).length === 0 ? error : null;

  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [error]);

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!pending) onSubmit(new FormData(event.currentTarget));
  };
  return (
    <form ref={form} noValidate onSubmit={submit}>
      <ErrorMessage error={formError} />
      <FormErrors value={errors}>{children}</FormErrors>
      <div className="actions">
        {/* Not `disabled`, which would drop the focus. */}
        <button className="button" type="submit" aria-disabled={pending}>
          {submitLabel}
        </button>
        {actions}
      </div>
    </form>
  );
}
