import { useLogin, useSession } from "@tollgate/client/react";
import { Link, Navigate, useLocation } from "react-router";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { textValue } from "../forms/values";
import { Heading } from "../layout/Heading";
import { nextPath } from "../session/next";
import { SignInNotice } from "../session/SignInNotice";
import { StaySignedIn } from "../session/StaySignedIn";

export function LoginPage() {
  const session = useSession();
  const { search } = useLocation();
  const login = useLogin();
  if (session.data) return <Navigate to={nextPath(search)} replace />;
  if (session.isPending) return null;

  const submit = (values: FormData) =>
    login.mutate({
      username: textValue(values, "username"),
      password: textValue(values, "password"),
      stay_signed_in: values.has("stay_signed_in"),
    });
  return (
    <div className="form-page">
      <Heading title="Sign in" />
      <SignInNotice />
      <Form submitLabel="Sign in" onSubmit={submit} pending={login.isPending} error={login.error}>
        <Field
          name="username"
          label="Username or e-mail address"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <Field name="password" label="Password" type="password" autoComplete="current-password" required />
        <StaySignedIn />
      </Form>
      <p>
        <Link to="/forgot-password">Forgot password?</Link>
      </p>
      <p>
        No account yet? <Link to={{ pathname: "/register", search }}>Register</Link>
      </p>
    </div>
  );
}
