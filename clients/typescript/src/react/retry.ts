import type { TollgateError } from "../error.js";

/** As TanStack Query does by itself, but not what the server refuses: it would only refuse again. */
export function retry(failures: number, { status }: TollgateError): boolean {
  return failures < 3 && !(status >= 400 && status < 500);
}
