import type { User } from "@tollgate/client";
import { useUpdateAccount } from "@tollgate/client/react";
import { useState } from "react";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { PasswordDialog } from "../forms/PasswordDialog";
import { textValue } from "../forms/values";
import { Section } from "../layout/Section";
import { EmailStatus } from "./EmailStatus";

export function ChangeEmail({ user }: { user: User }) {
  const { mutate, reset, data, isPending, isSuccess, error } = useUpdateAccount();
  /** The address to save once the password has been confirmed; null removes it. */
  const [unconfirmed, setUnconfirmed] = useState<{ email: string | null } | null>(null);

  const save = (change: { email: string | null }, password?: string) =>
    mutate(
      { ...change, currentPassword: password },
      {
        onSuccess: () => setUnconfirmed(null),
        onError: ({ code }) => {
          if (code === "fresh_login_required") setUnconfirmed(change);
        },
      },
    );
  const cancel = () => {
    reset();
    setUnconfirmed(null);
  };
  // The dialog asks for the password instead.
  const shownError = error?.code === "fresh_login_required" ? null : error;
  return (
    <Section title="Email address" description="Leave the field empty to remove the address.">
      <Form
        submitLabel="Save email address"
        onSubmit={(values) => save({ email: textValue(values, "email").trim() || null })}
        pending={isPending}
        error={unconfirmed ? null : shownError}
      >
        <Field
          name="email"
          label="Email address"
          type="email"
          autoComplete="email"
          defaultValue={user.pending_email ?? user.email ?? ""}
          hint="Optional"
        />
      </Form>
      <div role="status">{isSuccess && <p className="notice">{describe(data)}</p>}</div>
      <EmailStatus key={user.pending_email ?? user.email} user={user} />
      {unconfirmed && (
        <PasswordDialog
          title="Confirm your password"
          submitLabel="Save email address"
          onPassword={(password) => save(unconfirmed, password)}
          onCancel={cancel}
          pending={isPending}
          error={shownError}
        >
          You signed in a while ago. Enter your password to change your email address.
        </PasswordDialog>
      )}
    </Section>
  );
}

function describe({ email, pending_email }: User): string {
  if (pending_email !== null) return `Confirm ${pending_email} using the link we sent there.`;
  return `Your email address has been ${email === null ? "removed" : "changed"}.`;
}
