import type { TollgateError } from "@tollgate/client";
import { createContext } from "react";
import { sentence } from "../format";

export type FieldErrors = Readonly<Record<string, string>>;

export const FormErrors = createContext<FieldErrors>({});

/** Sentences by field name; empty if the error does not concern a field. */
export function fieldErrors(error: TollgateError | null, passwordField: string): FieldErrors {
  switch (error?.code) {
    case "invalid_fields":
      return Object.fromEntries(Object.entries(error.fields).map(([name, message]) => [name, `This ${message}.`]));
    case "username_taken":
    case "user_not_found":
      return { username: sentence(error.message) };
    case "email_taken":
      return { email: sentence(error.message) };
    case "incorrect_code":
      return { code: sentence(error.message) };
    case "incorrect_password":
      return { [passwordField]: "Wrong password." };
    default:
      return {};
  }
}
