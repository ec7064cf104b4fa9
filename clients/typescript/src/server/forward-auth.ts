// Asks what a proxy asks with forward auth, for a page that this server renders.
import type { Api, Body } from "../calls/api.js";
import { readsLeft } from "../calls/headers.js";
import { isTollgateError } from "../errors/error.js";
import { unwrap } from "../errors/response.js";
import type { ReadsLeft } from "../types.js";

/** `url` is the path and query, as in Node, or the whole address, as in the Fetch API. */
export interface PageRequest {
  url?: string | undefined;
  method?: string | undefined;
}

export interface ForwardAuthOptions {
  /** What is required besides a session. */
  require?: "subscriber" | "admin" | undefined;
  /** Charges one read for the page, once per reader and period. Only GET costs something. */
  meter?: boolean | undefined;
  /** Visitors whom only the paywall denies the page pass as well, with `access: "teaser"`. */
  teaser?: boolean | undefined;
}

export interface PageReader {
  id: number;
  username: string;
  role: Body<"Role">;
  subscribed: boolean;
}

export type PageRefusal = Body<"PageRefused"> | Body<"LoginRequired"> | Body<"AnonymousPagesUsedUp">;

export type ForwardAuth =
  | {
      allowed: true;
      /** Null for anonymous readers, who pass if they are metered. */
      reader: PageReader | null;
      access: "full" | "teaser";
      /** With `teaser`, why the page is not to be shown in full. */
      code: string | null;
      /** Null if the reader has no meter. */
      readsLeft: ReadsLeft | null;
    }
  | {
      allowed: false;
      /** 401: lead to the sign-in page. 403: the visitor may not see the page, such as with the code `payment_required`. */
      status: 401 | 403;
      code: string;
      body: PageRefusal;
    };

export async function forwardAuth(
  api: Api,
  { url = "/", method = "GET" }: PageRequest,
  { require, meter, teaser }: ForwardAuthOptions = {},
): Promise<ForwardAuth> {
  const query = {
    ...(require && { require }),
    ...(meter && { meter: "1" as const }),
    ...(teaser && { teaser: "1" as const }),
  };
  const header = { "X-Forwarded-Uri": pathOf(url), "X-Forwarded-Method": method };
  try {
    const { response } = await unwrap(api.GET("/forward-auth", { params: { query, header } }));
    return allowed(response.headers);
  } catch (error) {
    if (!isTollgateError(error) || (error.status !== 401 && error.status !== 403)) throw error;
    // A page of a proxy in between says nothing about the visitor.
    if (error.code === "network") throw error;
    return { allowed: false, status: error.status, code: error.code, body: error.body as PageRefusal };
  }
}

function allowed(headers: Headers): ForwardAuth {
  return {
    allowed: true,
    reader: reader(headers),
    access: headers.get("X-Tollgate-Access") === "teaser" ? "teaser" : "full",
    code: headers.get("X-Tollgate-Code"),
    readsLeft: readsLeft(headers),
  };
}

function reader(headers: Headers): PageReader | null {
  const id = headers.get("X-Tollgate-User-Id");
  if (id === null) return null;
  return {
    id: Number(id),
    username: decodeURIComponent(headers.get("X-Tollgate-Username") ?? ""),
    role: (headers.get("X-Tollgate-Role") ?? "user") as PageReader["role"],
    subscribed: headers.get("X-Tollgate-Subscribed") === "true",
  };
}

function pathOf(url: string): string {
  if (url.startsWith("/")) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}
