import type { ReadsLeft } from "../types.js";

/** The cursor of the next page, from `Link`; null on the last page. */
export function nextPage(headers: Headers): number | null {
  const before = nextCursor(headers);
  return before === null ? null : Number(before);
}

/** The same for ids that are text. */
export function nextCursor(headers: Headers): string | null {
  const url = /<([^>]*)>; *rel="next"/.exec(headers.get("Link") ?? "")?.[1];
  return new URLSearchParams(url?.split("?")[1]).get("before");
}

/** Null if the response has no `X-Reads-*` headers. */
export function readsLeft(headers: Headers): ReadsLeft | null {
  const limit = numericHeader(headers, "X-Reads-Limit");
  const remaining = numericHeader(headers, "X-Reads-Remaining");
  const resetsIn = numericHeader(headers, "X-Reads-Reset");
  return limit === null || remaining === null || resetsIn === null ? null : { limit, remaining, resetsIn };
}

/** Null if the header is missing or not a number: a proxy may send a date in `Retry-After`. */
export function numericHeader(headers: Headers, name: string): number | null {
  const value = headers.get(name);
  return value !== null && /^\d+$/.test(value) ? Number(value) : null;
}
