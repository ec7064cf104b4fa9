import type { TollgateError } from "@tollgate/client";
import { type ReactNode, type SubmitEvent, useEffect, useRef } from "react";
import { Problem } from "../feedback/Problem";
import { FormErrors, fieldErrors } from "./errors";

export interface FormProps {
  children: ReactNode;
  submit: string;
  onSubmit: (values: FormData) => void;
  pending: boolean;
  error: TollgateError | null;
  /** The field that a wrong password was typed into. */
  passwordField?: string;
  actions?: ReactNode;
}

/** Checks nothing itself: the server names all wrong fields at once, and has the last word anyway. */
export function Form({ children, submit, onSubmit, pending, error, passwordField = "password", actions }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const wrong = fieldErrors(error, passwordField);
  const elsewhere = Object.keys(wrong).length === 0 ? error : null;

  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [error]);

  const send = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!pending) onSubmit(new FormData(event.currentTarget));
  };
  return (
    <form ref={form} noValidate onSubmit={send}>
      <Problem error={elsewhere} />
      <FormErrors value={wrong}>{children}</FormErrors>
      <div className="choices">
        {/* Not `disabled`, which would take the focus away. */}
        <button className="button" type="submit" aria-disabled={pending}>
          {submit}
        </button>
        {actions}
      </div>
    </form>
  );
}
