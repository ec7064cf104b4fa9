import type { TollgateError, TollgateErrorCode } from "./error.js";

/** A site's own texts, in its own language. A function gets the error, whose `body` may have what the text says. */
export type Messages = { [Code in TollgateErrorCode]?: string | ((error: TollgateError<Code>) => string) };

/** The site's text for an error, or the server's English if the site has none for its code. */
export function messageFor(error: TollgateError, messages: Messages): string {
  const message = messages[error.code] as string | ((error: TollgateError) => string) | undefined;
  return typeof message === "function" ? message(error) : (message ?? error.message);
}
