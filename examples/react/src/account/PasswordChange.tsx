import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { text } from "../forms/values";
import { useChangePassword } from "./useChangePassword";

export function PasswordChange({ username }: { username: string }) {
  const { mutate, isPending, isSuccess, error } = useChangePassword();
  const change = (values: FormData) =>
    mutate({ currentPassword: text(values, "current_password"), newPassword: text(values, "new_password") });
  return (
    <section aria-labelledby="password-change">
      <h2 id="password-change">Change the password</h2>
      <p>All your other devices are signed out by it.</p>
      {/* A new form is an empty one. */}
      <Form
        key={String(isSuccess)}
        submit="Change the password"
        onSubmit={change}
        pending={isPending}
        error={error}
        passwordField="current_password"
      >
        {/* Tells password managers whose password it is. */}
        <input
          className="visually-hidden"
          autoComplete="username"
          value={username}
          readOnly
          tabIndex={-1}
          aria-hidden
        />
        <Field
          name="current_password"
          label="Current password"
          type="password"
          autoComplete="current-password"
          required
        />
        <Field name="new_password" label="New password" type="password" autoComplete="new-password" required />
      </Form>
      <div role="status">{isSuccess && <p className="notice">Your password is changed.</p>}</div>
    </section>
  );
}
