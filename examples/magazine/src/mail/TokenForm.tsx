import type { UseMutationResult } from "@tanstack/react-query";
import type { TollgateError } from "@tollgate/client";
import type { SubmitEvent } from "react";
import { ErrorMessage } from "../feedback/ErrorMessage";
import { FocusedNotice } from "../feedback/FocusedNotice";
import { useToken } from "./useToken";

interface TokenFormProps {
  submitLabel: string;
  mutation: UseMutationResult<void, TollgateError, string>;
  /** Shown afterwards instead of the button. */
  success: string;
}

/** A button that sends the token of a link. Opening the link sends nothing, because mail scanners open links, too. */
export function TokenForm({ submitLabel, mutation, success }: TokenFormProps) {
  const { mutate, isPending, isSuccess, error } = mutation;
  const token = useToken();
  if (isSuccess) return <FocusedNotice>{success}</FocusedNotice>;

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!isPending) mutate(token);
  };
  const isUsable = error?.code !== "invalid_token" && error?.code !== "email_taken";
  return (
    <>
      <ErrorMessage error={error} />
      {isUsable && (
        <form onSubmit={submit}>
          <div className="actions">
            <button className="button" type="submit" aria-disabled={isPending}>
              {submitLabel}
            </button>
          </div>
        </form>
      )}
    </>
  );
}
