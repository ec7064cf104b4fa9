import type { Location } from "react-router";

/** What a page says to the sign-in form that it sends somebody to. */
export type Farewell = "expired" | "signed-out" | "registered";

export function loginPath({ pathname, search }: Pick<Location, "pathname" | "search">): string {
  const next = pathname + search;
  return next === "/" ? "/login" : `/login?${new URLSearchParams({ next })}`;
}

/** Where to go after signing in. Only a path of this site: anybody can write a link to the sign-in form. */
export function nextPath(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}
