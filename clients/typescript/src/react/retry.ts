import type { TollgateError } from "../error.js";

/** TanStack Query's default, except that client errors are not retried: they would only fail again. */
export function retry(failures: number, { status }: TollgateError): boolean {
  return failures < 3 && !(status >= 400 && status < 500);
}
