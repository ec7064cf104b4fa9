import type { Passkey } from "@tollgate/client";
import { useRenamePasskey } from "@tollgate/client/react";
import { useEffect, useRef } from "react";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { textValue } from "../forms/values";

export function RenameForm({ passkey: { id, name }, close }: { passkey: Passkey; close: () => void }) {
  const { mutate, isPending, error } = useRenamePasskey();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  return (
    <Form
      submitLabel="Save name"
      onSubmit={(values) => mutate({ id, name: textValue(values, "name") }, { onSuccess: close })}
      pending={isPending}
      error={error}
      actions={
        <button className="button quiet" type="button" onClick={close}>
          Cancel
        </button>
      }
    >
      <Field ref={input} name="name" label="Name of the passkey" defaultValue={name} maxLength={64} required />
    </Form>
  );
}
