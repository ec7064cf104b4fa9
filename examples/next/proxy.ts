import { createServerClient } from "@tollgate/client/server";
import { type NextRequest, NextResponse } from "next/server";

/** The essays are metered; everything else is free. */
export const config = { matcher: "/essays/:slug" };

/**
 * Asks tollgate before an essay is rendered. Not in the page itself: that cannot send the cookies with which tollgate renews the
 * session and recognizes anonymous readers.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const visitor = createServerClient({
    baseUrl: process.env.TOLLGATE ?? "http://127.0.0.1:8080",
    headers: request.headers,
  });
  const answer = await visitor.forwardAuth(request, { meter: true, teaser: true });

  // The page reads these. `set` replaces what the visitor may have sent under the same names.
  const headers = new Headers(request.headers);
  headers.set("x-essay-access", answer.allowed ? answer.access : "refused");
  headers.set("x-essay-reason", answer.code ?? "");
  headers.set("x-essay-reads-left", String((answer.allowed && answer.readsLeft?.remaining) ?? ""));

  const response = NextResponse.next({ request: { headers } });
  for (const cookie of visitor.setCookies) response.headers.append("Set-Cookie", cookie);
  response.headers.set("Cache-Control", "private, no-store");
  return response;
}
