import { randomUUID } from "node:crypto";

import fetchCookie from "fetch-cookie";

import { createTollgate, type Tollgate, type TollgateOptions } from "../src/index.js";

const baseUrl = process.env["TOLLGATE_URL"];
if (!baseUrl) throw new Error("set TOLLGATE_URL to the URL of a server, or run `npm test`, which starts one");

export interface Browser {
  tollgate: Tollgate;
  /** The requests sent so far, such as `GET /meter`. */
  requests: string[];
  userAgent: string;
}

/** Has a cookie jar of its own: Node's fetch keeps no cookies. */
export function openBrowser(options: TollgateOptions = {}): Browser {
  const fetch = fetchCookie(globalThis.fetch) as typeof globalThis.fetch;
  const browser: Browser = {
    requests: [],
    userAgent: "Firefox/145.0",
    tollgate: createTollgate({
      baseUrl,
      fetch(input, init) {
        const request = new Request(input, init);
        request.headers.set("User-Agent", browser.userAgent);
        browser.requests.push(`${request.method} ${new URL(request.url).pathname}`);
        return fetch(request);
      },
      // Each has a cookie of its own, unlike tabs.
      shareWithTabs: false,
      ...options,
    }),
  };
  return browser;
}

export const password = "four sneaky newts";

/** The credentials of a new user, with a username that is unique on this server. */
export async function newLogin(): Promise<{ username: string; password: string }> {
  const login = { username: `ada-${randomUUID()}`, password };
  await openBrowser().tollgate.register(login);
  return login;
}

/** A browser in which a new user is signed in. */
export async function openSignedIn(options?: TollgateOptions): Promise<Browser> {
  const browser = openBrowser(options);
  await browser.tollgate.login(await newLogin());
  return browser;
}
