import type { TollgateError } from "@tollgate/client";
import { sentence } from "../format";

export function describeError({ code, message, requestId }: TollgateError): string {
  switch (code) {
    case "network":
      return "The server cannot be reached. Check your connection and try again.";
    case "too_many_requests":
      return "Too many attempts.";
    case "overloaded":
    case "unavailable":
      return "The server is busy.";
    case "internal":
      return `Something went wrong on the server. If you report it, include this number: ${requestId}.`;
    case "cannot_login":
      return "Wrong username or password.";
    case "invalid_credential":
      return "This passkey cannot be used here. Sign in another way.";
    case "passkey_cancelled":
      return "No passkey was used. Try again, or choose another way.";
    case "passkey_failed":
      return "Passkeys cannot be used in this browser.";
    // The other paths that this app calls always exist.
    case "not_found":
      return "This site sends no email.";
    default:
      return sentence(message);
  }
}
