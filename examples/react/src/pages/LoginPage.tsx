import { useLogin, useSession } from "@tollgate/client/react";
import { Link, Navigate, useLocation } from "react-router";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { text } from "../forms/values";
import { Heading } from "../layout/Heading";
import { FarewellNotice } from "../session/FarewellNotice";
import { nextPath } from "../session/next";
import { StaySignedIn } from "../session/StaySignedIn";

export function LoginPage() {
  const session = useSession();
  const { search } = useLocation();
  const login = useLogin();
  if (session.data) return <Navigate to={nextPath(search)} replace />;
  if (session.isPending) return null;

  const signIn = (values: FormData) =>
    login.mutate({
      username: text(values, "username"),
      password: text(values, "password"),
      stay_signed_in: values.has("stay_signed_in"),
    });
  return (
    <div className="entry">
      <Heading title="Sign in" />
      <FarewellNotice />
      <Form submit="Sign in" onSubmit={signIn} pending={login.isPending} error={login.error}>
        <Field name="username" label="Name" autoComplete="username" autoCapitalize="none" spellCheck={false} required />
        <Field name="password" label="Password" type="password" autoComplete="current-password" required />
        <StaySignedIn />
      </Form>
      <p>
        New here? <Link to={{ pathname: "/register", search }}>Register</Link>
      </p>
    </div>
  );
}
