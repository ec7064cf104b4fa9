import { useRequestPasswordReset } from "@tollgate/client/react";
import { Link } from "react-router";
import { FocusedNotice } from "../feedback/FocusedNotice";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { textValue } from "../forms/values";
import { Heading } from "../layout/Heading";

export function ForgotPasswordPage() {
  const { mutate, variables: email, isPending, isSuccess, error } = useRequestPasswordReset();
  return (
    <div className="form-page">
      <Heading title="Forgot password" />
      {isSuccess ? (
        <FocusedNotice>
          If {email} is the verified address of an account, a message with a link is on its way. The link is valid for
          30 minutes.
        </FocusedNotice>
      ) : (
        <Form
          submitLabel="Send link"
          onSubmit={(values) => mutate(textValue(values, "email").trim())}
          pending={isPending}
          error={error}
        >
          <Field name="email" label="Email address" type="email" autoComplete="email" required />
        </Form>
      )}
      <p>
        <Link to="/login">Sign in</Link>
      </p>
    </div>
  );
}
