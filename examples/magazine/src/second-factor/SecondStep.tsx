import { type SecondFactorMethod, supportsPasskeys, type TollgateError } from "@tollgate/client";
import type { useSecondFactor } from "@tollgate/client/react";
import { useState } from "react";
import { FocusedNotice } from "../feedback/FocusedNotice";
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
  // The safest first.
  const [method, setMethod] = useState(methods.includes("passkey") && supportsPasskeys() ? "passkey" : methods[0]);
  const submit = (values: FormData) => {
    const trustBrowser = values.has("trustBrowser");
    const onError = ({ code }: TollgateError) => {
      if (code === "login_expired") onExpired();
    };
    if (method === "passkey") mutate({ method, trustBrowser }, { onError });
    else if (method) mutate({ method, code: textValue(values, "code"), trustBrowser }, { onError });
  };
  const switchTo = (other: SecondFactorMethod) => {
    reset();
    setMethod(other);
  };
  return (
    <div className="form-page">
      <Heading title="Second step" />
      <Form
        submitLabel={method === "passkey" ? METHODS.passkey.use : "Sign in"}
        onSubmit={submit}
        pending={isPending}
        error={error}
      >
        {/* With another key, the field is empty and takes the focus. */}
        {method === "passkey" && <FocusedNotice>Confirm with your passkey that it is you.</FocusedNotice>}
        {method && method !== "passkey" && <CodeField key={method} method={method} />}
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
