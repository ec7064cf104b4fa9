import type { Location } from "react-router";

export function loginPath({ pathname, search }: Pick<Location, "pathname" | "search">): string {
  const next = pathname + search;
  return next === "/" ? "/login" : `/login?${new URLSearchParams({ next })}`;
}

/** The path to open after signing in. Never another site: anybody can publish a link to the sign-in form. */
export function nextPath(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}
