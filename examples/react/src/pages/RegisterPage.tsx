import { useSession } from "@tollgate/client/react";
import { Link, Navigate, useLocation } from "react-router";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { text } from "../forms/values";
import { Heading } from "../layout/Heading";
import { nextPath } from "../session/next";
import { StaySignedIn } from "../session/StaySignedIn";
import { useEnrol } from "../session/useEnrol";

export function RegisterPage() {
  const session = useSession();
  const { search } = useLocation();
  const { enrol, pending, error } = useEnrol();
  if (session.data) return <Navigate to={nextPath(search)} replace />;
  if (session.isPending) return null;

  const submit = (values: FormData) =>
    enrol({
      username: text(values, "username"),
      password: text(values, "password"),
      email: text(values, "email") || null,
      staySignedIn: values.has("stay_signed_in"),
    });
  return (
    <div className="entry">
      <Heading title="Register" />
      <Form submit="Register" onSubmit={submit} pending={pending} error={error}>
        <Field name="username" label="Name" autoComplete="username" autoCapitalize="none" spellCheck={false} required />
        <Field name="email" label="E-mail address" type="email" autoComplete="email" hint="Not needed." />
        <Field
          name="password"
          label="Password"
          type="password"
          autoComplete="new-password"
          hint="At least 8 characters; a few words do well."
          required
        />
        <StaySignedIn />
      </Form>
      <p>
        Registered already? <Link to={{ pathname: "/login", search }}>Sign in</Link>
      </p>
    </div>
  );
}
