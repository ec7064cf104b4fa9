import { createTollgate } from "../create.js";
import type { Tollgate } from "../tollgate.js";
import { forwardAuth, type ForwardAuth, type ForwardAuthOptions, type PageRequest } from "./forward-auth.js";

export type { ForwardAuth, ForwardAuthOptions, PageReader, PageRefusal, PageRequest } from "./forward-auth.js";

/** Those of a Fetch API `Request`, or of an `IncomingMessage` in Node. */
export type VisitorHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface ServerClientOptions {
  /** The server's URL, without the proxy that serves the browser. */
  baseUrl: string;
  /** The headers of the visitor's request. */
  headers: VisitorHeaders;
  /**
   * The address that the request came from, such as `request.socket.remoteAddress`. Only omit it if a proxy in front of
   * your server sets `X-Forwarded-For`: without a proxy, visitors can send any address in that header.
   */
  address?: string | undefined;
  fetch?: typeof fetch | undefined;
}

export interface ServerClient {
  tollgate: Tollgate;
  /** The `Set-Cookie` headers received so far, to be sent to the visitor: they renew and clear tollgate's cookies. */
  setCookies: string[];
  /**
   * Whether the visitor may see a page of yours, and who it is, so that you can meter your own articles. Takes the visitor's
   * request, of Node or of the Fetch API. Throws a `TollgateError` if tollgate cannot tell.
   */
  forwardAuth(request: PageRequest, options?: ForwardAuthOptions): Promise<ForwardAuth>;
}

/**
 * A client for server-side rendering that makes its requests on behalf of one visitor. Create one for each request, and
 * list the address of your server in `TRUSTED_PROXIES`: from any other address, tollgate ignores `X-Forwarded-*`.
 */
export function createServerClient(options: ServerClientOptions): ServerClient {
  const { baseUrl, headers, address, fetch = globalThis.fetch } = options;
  const forwarded = forwardedHeaders(headers, address);
  const setCookies: string[] = [];
  const fetchAsVisitor: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    for (const [name, value] of forwarded) request.headers.set(name, value);
    const response = await fetch(request);
    setCookies.push(...response.headers.getSetCookie());
    return response;
  };
  // Other visitors' clients in this process are no tabs of this visitor.
  const tollgate = createTollgate({ baseUrl, fetch: fetchAsVisitor, shareWithTabs: false });
  return { tollgate, setCookies, forwardAuth: (request, options) => forwardAuth(tollgate.api, request, options) };
}

/**
 * What the visitor's browser says about its request. A page that it prefetches, or that another site embeds, must not
 * cost a read, and another site must not change anything.
 */
const INTENT = [
  "Next-Router-Prefetch",
  "Purpose",
  "Sec-Purpose",
  "Sec-Fetch-Site",
  "Sec-Fetch-Mode",
  "Sec-Fetch-Dest",
  "Sec-Fetch-User",
];

function forwardedHeaders(headers: VisitorHeaders, address: string | undefined): [string, string][] {
  const forwarded: [string, string | undefined][] = [
    ["Accept", "application/json"],
    ["Cookie", header(headers, "cookie")],
    ["X-Forwarded-For", [header(headers, "x-forwarded-for"), address].filter(Boolean).join(", ") || undefined],
    // Sent even if empty. Otherwise, the session would seem to move to the browser of this server.
    ["X-Forwarded-User-Agent", header(headers, "user-agent") ?? ""],
    // tollgate compares the origin with its own, and believes it if the browser has also sent Sec-Fetch-Site.
    ["Origin", header(headers, "sec-fetch-site") && header(headers, "origin")],
    ...INTENT.map((name): [string, string | undefined] => [name, header(headers, name.toLowerCase())]),
  ];
  return forwarded.filter((entry): entry is [string, string] => entry[1] !== undefined);
}

function header(headers: VisitorHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = headers[name];
  return typeof value === "string" ? value : value?.join(", ");
}
