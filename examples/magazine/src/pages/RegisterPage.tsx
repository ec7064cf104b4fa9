import { useSession } from "@tollgate/client/react";
import { Link, Navigate, useLocation } from "react-router";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { textValue } from "../forms/values";
import { Heading } from "../layout/Heading";
import { nextPath } from "../session/next";
import { ProviderButtons } from "../session/ProviderButtons";
import { StaySignedIn } from "../session/StaySignedIn";
import { useSignUp } from "../session/useSignUp";

export function RegisterPage() {
  const session = useSession();
  const { search } = useLocation();
  const { signUp, pending, error } = useSignUp();
  if (session.data) return <Navigate to={nextPath(search)} replace />;
  if (session.isPending) return null;

  const submit = (values: FormData) =>
    signUp({
      username: textValue(values, "username"),
      password: textValue(values, "password"),
      email: textValue(values, "email") || null,
      staySignedIn: values.has("staySignedIn"),
    });
  return (
    <div className="form-page">
      <Heading title="Register" />
      <ProviderButtons />
      <Form submitLabel="Register" onSubmit={submit} pending={pending} error={error}>
        <Field
          name="username"
          label="Username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <Field name="email" label="Email address" type="email" autoComplete="email" hint="Optional" />
        <Field
          name="password"
          label="Password"
          type="password"
          autoComplete="new-password"
          hint="At least 8 characters"
          required
        />
        <StaySignedIn />
      </Form>
      <p>
        Already registered? <Link to={{ pathname: "/login", search }}>Sign in</Link>
      </p>
    </div>
  );
}
