import type { SecondFactorMethod } from "@tollgate/client";
import type { useSecondFactor } from "@tollgate/client/react";
import { useState } from "react";
import { Form } from "../forms/Form";
import { textValue } from "../forms/values";
import { Heading } from "../layout/Heading";
import { CodeField } from "./CodeField";
import { METHODS } from "./methods";
import { TrustBrowser } from "./TrustBrowser";

interface SecondStepProps {
  methods: SecondFactorMethod[];
  mutation: ReturnType<typeof useSecondFactor>;
  startAgain: () => void;
  onExpired: () => void;
}

/** Completes a login after the password. */
export function SecondStep({ methods, mutation, startAgain, onExpired }: SecondStepProps) {
  const { mutate, reset, isPending, error } = mutation;
  const [method, setMethod] = useState(methods[0] ?? "totp");
  const submit = (values: FormData) =>
    mutate(
      { method, code: textValue(values, "code"), trust_browser: values.has("trust_browser") },
      {
        onError: ({ code }) => {
          if (code === "login_expired") onExpired();
        },
      },
    );
  const switchTo = (other: SecondFactorMethod) => {
    reset();
    setMethod(other);
  };
  return (
    <div className="form-page">
      <Heading title="Second step" />
      <Form submitLabel="Sign in" onSubmit={submit} pending={isPending} error={error}>
        {/* With another key, the field is empty and takes the focus. */}
        <CodeField key={method} method={method} />
        <TrustBrowser />
      </Form>
      <div className="actions">
        {methods
          .filter((other) => other !== method)
          .map((other) => (
            <button key={other} className="button quiet" type="button" onClick={() => switchTo(other)}>
              {METHODS[other].use}
            </button>
          ))}
        <button className="button quiet" type="button" onClick={startAgain}>
          Start again
        </button>
      </div>
    </div>
  );
}
