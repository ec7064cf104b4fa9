import { type SecondFactorMethod, supportsPasskeys } from "@tollgate/client";
import { useLogin, usePasskeyLogin, usePasskeyOffer, useSecondFactor, useSession } from "@tollgate/client/react";
import { useRef } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { textValue } from "../forms/values";
import { Heading } from "../layout/Heading";
import { PasskeyButton } from "../passkeys/PasskeyButton";
import { SecondStep } from "../second-factor/SecondStep";
import { ProviderButtons } from "../session/ProviderButtons";
import { needsSecondFactor } from "../session/providerErrors";
import { SignedIn } from "../session/SignedIn";
import { SignInNotice, type SignInReason } from "../session/SignInNotice";
import { StaySignedIn } from "../session/StaySignedIn";

/** The server has not said which of them the user has. */
const ALL_METHODS: SecondFactorMethod[] = ["totp", "passkey", "recovery_code"];

export function LoginPage() {
  const session = useSession();
  const { search } = useLocation();
  const navigate = useNavigate();
  const login = useLogin();
  const secondFactor = useSecondFactor();
  const stay = useRef<HTMLInputElement>(null);
  const staySignedIn = () => stay.current?.checked ?? false;
  const passkey = usePasskeyLogin();
  const methods =
    login.error?.code === "second_factor_required"
      ? login.error.body.methods
      : needsSecondFactor(search) && ALL_METHODS;
  const isSecondStep = methods !== false;
  const offerError = usePasskeyOffer({
    enabled: session.data === null && !passkey.isPending && !isSecondStep,
    staySignedIn,
  });
  // The session is there shortly before the response that says how many recovery codes are left.
  if (session.data && !secondFactor.isPending)
    return <SignedIn recoveryCodesLeft={secondFactor.data?.recovery_codes_left} />;
  if (session.isPending) return null;

  const startAgain = (reason?: SignInReason) => {
    login.reset();
    secondFactor.reset();
    const query = new URLSearchParams(search);
    query.delete("error");
    void navigate({ search: query.toString() }, { replace: true, state: { reason } });
  };
  if (methods) {
    return (
      <SecondStep
        methods={methods}
        mutation={secondFactor}
        startAgain={() => startAgain()}
        onExpired={() => startAgain("login_expired")}
      />
    );
  }

  const signInWithPasskey = () => {
    login.reset();
    passkey.mutate({ staySignedIn: staySignedIn() });
  };
  const submit = (values: FormData) => {
    passkey.reset();
    login.mutate({
      username: textValue(values, "username"),
      password: textValue(values, "password"),
      staySignedIn: values.has("staySignedIn"),
    });
  };
  return (
    <div className="form-page">
      <Heading title="Sign in" />
      <SignInNotice />
      <ProviderButtons />
      <Form
        submitLabel="Sign in"
        onSubmit={submit}
        pending={login.isPending}
        error={login.error ?? passkey.error ?? offerError}
        actions={supportsPasskeys() && <PasskeyButton pending={passkey.isPending} signIn={signInWithPasskey} />}
      >
        <Field
          name="username"
          label="Username or email address"
          autoComplete="username webauthn"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <Field name="password" label="Password" type="password" autoComplete="current-password" required />
        <StaySignedIn ref={stay} />
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
