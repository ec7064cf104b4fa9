import type { TollgateError } from "../errors/error.js";

// The type of the second parameter makes `error` of a query a `TollgateError`.

/** TanStack Query's default, except that client errors are not retried: they would only fail again. */
export function retry(failures: number, { status }: TollgateError): boolean {
  return failures < 3 && !(status >= 400 && status < 500);
}

export function noRetry(_failures: number, _error: TollgateError): boolean {
  return false;
}
