import { useChangePassword } from "@tollgate/client/react";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { textValue } from "../forms/values";
import { Section } from "../layout/Section";

export function ChangePassword({ username }: { username: string }) {
  const { mutate, isPending, isSuccess, error } = useChangePassword();
  const submit = (values: FormData) =>
    mutate({
      currentPassword: textValue(values, "currentPassword"),
      newPassword: textValue(values, "newPassword"),
    });
  return (
    <Section title="Password" description="Changing it signs out all your other devices.">
      {/* The key changes on success, which clears the form. */}
      <Form
        key={String(isSuccess)}
        submitLabel="Change password"
        onSubmit={submit}
        pending={isPending}
        error={error}
        passwordField="currentPassword"
      >
        {/* Tells password managers which account this is. */}
        <input
          className="visually-hidden"
          autoComplete="username"
          value={username}
          readOnly
          tabIndex={-1}
          aria-hidden
        />
        <Field
          name="currentPassword"
          label="Current password"
          type="password"
          autoComplete="current-password"
          required
        />
        <Field
          name="newPassword"
          label="New password"
          type="password"
          autoComplete="new-password"
          hint="At least 8 characters"
          required
        />
      </Form>
      <div role="status">{isSuccess && <p className="notice">Your password has been changed.</p>}</div>
    </Section>
  );
}
