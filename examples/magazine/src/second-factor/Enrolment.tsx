import type { TotpEnrolment } from "@tollgate/client";
import type { Totp } from "@tollgate/client/react";
import { FocusedNotice } from "../feedback/FocusedNotice";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { textValue } from "../forms/values";

interface EnrolmentProps {
  enrolment: TotpEnrolment;
  confirm: Totp["confirm"];
  cancel: () => void;
}

export function Enrolment({ enrolment: { secret, qr_svg }, confirm, cancel }: EnrolmentProps) {
  const isExpired = confirm.error?.code === "not_found";
  if (isExpired) {
    return (
      <>
        <FocusedNotice>Setting up the app took too long. Start again.</FocusedNotice>
        <p>
          <button className="button quiet" type="button" onClick={cancel}>
            Start again
          </button>
        </p>
      </>
    );
  }
  return (
    <>
      <FocusedNotice>Scan this with your authenticator app.</FocusedNotice>
      {/* Scripts do not run in an image. */}
      <img className="qr" src={`data:image/svg+xml,${encodeURIComponent(qr_svg)}`} alt="QR code" />
      <p>
        Or type in this key: <code>{secret}</code>
      </p>
      <Form
        submitLabel="Confirm"
        onSubmit={(values) => confirm.mutate(textValue(values, "code"))}
        pending={confirm.isPending}
        error={confirm.error}
        actions={
          <button className="button quiet" type="button" onClick={cancel}>
            Cancel
          </button>
        }
      >
        <Field
          name="code"
          label="Code"
          hint="That the app shows now"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={10}
          required
        />
      </Form>
    </>
  );
}
