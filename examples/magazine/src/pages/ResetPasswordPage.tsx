import { useResetPassword } from "@tollgate/client/react";
import { Link, useNavigate } from "react-router";
import { ErrorMessage } from "../feedback/ErrorMessage";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { textValue } from "../forms/values";
import { Heading } from "../layout/Heading";
import { useToken } from "../mail/useToken";
import type { SignInReason } from "../session/SignInNotice";

/** Where the link in a message about a forgotten password leads. */
export function ResetPasswordPage() {
  const token = useToken();
  const { mutate, isPending, error } = useResetPassword();
  const navigate = useNavigate();

  const reason: SignInReason = "password_reset";
  const submit = (values: FormData) =>
    mutate(
      { token, newPassword: textValue(values, "newPassword") },
      { onSuccess: () => navigate("/login", { state: { reason } }) },
    );
  return (
    <div className="form-page">
      <Heading title="New password" />
      {error?.code === "invalid_token" ? (
        <>
          <ErrorMessage error={error} />
          <p>
            <Link to="/forgot-password">Request a new link</Link>
          </p>
        </>
      ) : (
        <Form submitLabel="Save password" onSubmit={submit} pending={isPending} error={error}>
          <Field
            name="newPassword"
            label="New password"
            type="password"
            autoComplete="new-password"
            hint="At least 8 characters"
            required
          />
        </Form>
      )}
    </div>
  );
}
