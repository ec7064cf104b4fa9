import type { TollgateError } from "@tollgate/client";

/** An error in a sentence for people. */
export function explain({ code, message, requestId }: TollgateError): string {
  switch (code) {
    case "network":
      return "The server cannot be reached. Check your connection, then try again.";
    case "too_many_requests":
      return "There were too many tries.";
    case "overloaded":
    case "unavailable":
      return "The server is too busy to answer.";
    case "internal":
      return `Something went wrong on the server. Please report it as ${requestId}.`;
    case "account_disabled":
      return "This account is disabled.";
    case "registration_closed":
      return "Registration is closed here.";
    default:
      return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  }
}
