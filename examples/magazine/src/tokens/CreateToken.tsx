import type { ApiTokenRequest } from "@tollgate/client";
import { useCreateToken } from "@tollgate/client/react";
import { useId, useState } from "react";
import { FocusedNotice } from "../feedback/FocusedNotice";
import { Field } from "../forms/Field";
import { Form } from "../forms/Form";
import { PasswordDialog } from "../forms/PasswordDialog";
import { textValue } from "../forms/values";

type Scope = ApiTokenRequest["scopes"][number];

export function CreateToken({ isAdmin }: { isAdmin: boolean }) {
  const { mutate, reset, data, isPending, error } = useCreateToken();
  /** What to create once the password has been confirmed. */
  const [unconfirmed, setUnconfirmed] = useState<ApiTokenRequest | null>(null);
  const scopesId = useId();

  const create = (request: ApiTokenRequest, password?: string) =>
    mutate(
      { ...request, currentPassword: password },
      {
        onSuccess: () => setUnconfirmed(null),
        onError: ({ code }) => {
          if (code === "fresh_login_required") setUnconfirmed(request);
        },
      },
    );
  const cancel = () => {
    reset();
    setUnconfirmed(null);
  };
  // The dialog asks for the password instead.
  const shownError = error?.code === "fresh_login_required" ? null : error;
  if (data) {
    return (
      <>
        <FocusedNotice>Copy the new token now. It is not shown again.</FocusedNotice>
        <p>
          <code>{data.token}</code>
        </p>
        <p>
          <button className="button quiet" type="button" onClick={reset}>
            Done
          </button>
        </p>
      </>
    );
  }
  return (
    <>
      <Form
        submitLabel="Create token"
        onSubmit={(values) => create(request(values))}
        pending={isPending}
        error={unconfirmed ? null : shownError}
      >
        <Field name="name" label="Name" hint="To recognize it by" autoComplete="off" maxLength={100} required />
        <div className="field">
          <label htmlFor={scopesId}>Access</label>
          <select id={scopesId} name="scopes">
            <option value="read">Read posts and the meter</option>
            <option value="account">Read posts and account data</option>
            {isAdmin && <option value="admin">Read posts and use admin functions</option>}
            {isAdmin && <option value="account admin">Account data and admin functions</option>}
          </select>
        </div>
        <Field name="expiresAt" label="Expires on" type="date" hint="Optional" />
      </Form>
      {unconfirmed && (
        <PasswordDialog
          title="Confirm your password"
          submitLabel="Create token"
          onPassword={(password) => create(unconfirmed, password)}
          onCancel={cancel}
          pending={isPending}
          error={shownError}
        >
          You signed in a while ago. Enter your password to continue.
        </PasswordDialog>
      )}
    </>
  );
}

function request(values: FormData): ApiTokenRequest {
  const day = textValue(values, "expiresAt");
  return {
    name: textValue(values, "name"),
    scopes: textValue(values, "scopes").split(" ") as Scope[],
    expiresAt: day ? `${day}T00:00:00Z` : undefined,
  };
}
