import type { TollgateError } from "@tollgate/client";
import { createContext } from "react";

export type FieldErrors = Readonly<Record<string, string>>;

export const FormErrors = createContext<FieldErrors>({});

/** What is wrong with which field; empty where the error is about none. */
export function fieldErrors(error: TollgateError | null, passwordField: string): FieldErrors {
  switch (error?.code) {
    case "invalid_fields":
      return error.fields;
    case "username_taken":
      return { username: "is taken already" };
    case "email_taken":
      return { email: "belongs to another account" };
    case "user_not_found":
      return { username: "is not known here" };
    case "incorrect_password":
      return { [passwordField]: "is not right" };
    default:
      return {};
  }
}
