import type { Reads } from "./types.js";

/** Where the next page starts, by its `Link`; null on the last one. */
export function nextPage(headers: Headers): number | null {
  const address = /<([^>]*)>; *rel="next"/.exec(headers.get("Link") ?? "")?.[1];
  const before = new URLSearchParams(address?.split("?")[1]).get("before");
  return before === null ? null : Number(before);
}

/** What is left of the reads; null where the answer does not tell. */
export function readsLeft(headers: Headers): Reads | null {
  const limit = number(headers, "X-Reads-Limit");
  const remaining = number(headers, "X-Reads-Remaining");
  const resetsIn = number(headers, "X-Reads-Reset");
  return limit === null || remaining === null || resetsIn === null ? null : { limit, remaining, resetsIn };
}

/** Null where there is none, or none that is a number: a proxy may write a date into `Retry-After`. */
export function number(headers: Headers, name: string): number | null {
  const value = headers.get(name);
  return value !== null && /^\d+$/.test(value) ? Number(value) : null;
}
