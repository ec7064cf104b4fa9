import type { Middleware } from "openapi-fetch";

import { isErrorBody } from "./response.js";
import type { Session, SignedInUser } from "./types.js";

/**
 * - `signed_out`: this client called `logout`, or a `login` that waits for a second factor
 * - `account_deleted`: this client called `deleteAccount`
 * - `expired`: the session was not used for too long, or reached its maximum age
 * - `ended_elsewhere`: from another device or tab, by a password change there, or by the operator
 * - `unknown`: this client had not seen the session
 */
export type SignOutReason = "signed_out" | "account_deleted" | "expired" | "ended_elsewhere" | "unknown";
export type SignOutListener = (reason: SignOutReason) => void;

interface KnownSession {
  expiresAt: number;
  idleTime: number;
  lastUsedAt: number;
}

const LOGINS = ["/login", "/login/second-factor", "/login/passkey", "/login/email/confirm"];

/** These open a session that replaces the current one. */
const REPLACEMENTS = [...LOGINS, "/account/password"];

/** The server records the last use of a session to within a tenth of its idle time. */
const MIN_IDLE = 0.9;

/** Derives from the responses whether there is a session, and why it ended: the server does not say. */
export class SessionTracker {
  /** Undefined until a response shows whether there is a session; null once it has ended. */
  #session: KnownSession | null | undefined;
  #reason: SignOutReason | null = null;
  /** Meanwhile, other requests may be refused before the response to the log-out arrives. */
  #isLoggingOut = false;
  /** Incremented with each session that this client opens. */
  #generation = 0;
  /** Requests in flight that may open another session. */
  #replacing = 0;
  /** The generation in which each request in flight was sent. */
  readonly #sentIn = new Map<string, number>();
  readonly #listeners = new Set<SignOutListener>();

  get reason(): SignOutReason | null {
    return this.#reason;
  }

  readonly subscribe = (listener: SignOutListener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly middleware: Middleware = {
    onRequest: ({ id, request, schemaPath }) => {
      this.#sentIn.set(id, this.#generation);
      if (replaces(request, schemaPath)) this.#replacing += 1;
      if (schemaPath === "/logout") this.#isLoggingOut = true;
    },
    onResponse: async ({ id, request, response, schemaPath }) => {
      if (replaces(request, schemaPath)) this.#replacing -= 1;
      const isCurrent = this.#settle(id, request, schemaPath);
      if (response.ok) await this.#onSuccess(request, schemaPath, response, isCurrent);
      else if (response.status === 401 && isCurrent) await this.#onUnauthorized(response);
      if (schemaPath === "/logout") this.#isLoggingOut = false;
    },
    onError: ({ id, request, schemaPath }) => {
      if (replaces(request, schemaPath)) this.#replacing -= 1;
      this.#sentIn.delete(id);
      if (schemaPath === "/logout") this.#isLoggingOut = false;
    },
  };

  /**
   * Returns whether a response is about the current session. A request that was sent with the cookie of the previous one
   * may be answered shortly before or after the response that replaces it.
   */
  #settle(id: string, request: Request, path: string): boolean {
    const sentIn = this.#sentIn.get(id);
    this.#sentIn.delete(id);
    return sentIn === this.#generation && (this.#replacing === 0 || replaces(request, path));
  }

  async #onSuccess(request: Request, path: string, response: Response, isCurrent: boolean): Promise<void> {
    const opens = path.startsWith("/check_session") || (LOGINS.includes(path) && request.method === "POST");
    if (replaces(request, path) || path === "/logout") this.#generation += 1;
    if (opens && !isCurrent && !replaces(request, path)) return;
    if (opens) this.#start(await json<SignedInUser>(response));
    else if (path === "/logout") this.#end("signed_out");
    else if (path === "/account" && request.method === "DELETE") this.#end("account_deleted");
    else if (this.#session) this.#session.lastUsedAt = Date.now();
  }

  async #onUnauthorized(response: Response): Promise<void> {
    const body = await json<unknown>(response);
    // Other codes are 401 too, such as `fresh_login_required`, after which the session goes on.
    if (!isErrorBody(body)) return;
    // A reader without a session who has used up the free reads was not signed out, unless there was a session before.
    if (isAnonymous(body)) this.#endKnown(this.#likelyReason());
    else if (body.code === "login_required") this.#end(this.#likelyReason());
    if (body.code === "not_logged_in") this.#endKnown(this.#likelyReason());
    // A correct password ends the previous session, and opens none yet.
    if (body.code === "second_factor_required") this.#endKnown("signed_out");
  }

  #start(user: SignedInUser | null): void {
    if (!user) return;
    this.#session = known(user.session);
    this.#reason = null;
  }

  #end(reason: SignOutReason): void {
    if (this.#session === null) return;
    this.#session = null;
    this.#reason = reason;
    for (const listener of [...this.#listeners]) listener(reason);
  }

  /** The first response to a visitor who is not signed in is not a sign-out. */
  #endKnown(reason: SignOutReason): void {
    if (this.#session) this.#end(reason);
    else this.#session = null;
  }

  #likelyReason(): SignOutReason {
    if (this.#isLoggingOut) return "signed_out";
    if (!this.#session) return "unknown";
    const { expiresAt, idleTime, lastUsedAt } = this.#session;
    const now = Date.now();
    return now >= expiresAt || now >= lastUsedAt + MIN_IDLE * idleTime ? "expired" : "ended_elsewhere";
  }
}

function replaces(request: Request, path: string): boolean {
  return request.method === "POST" && REPLACEMENTS.includes(path);
}

function isAnonymous(body: object): boolean {
  return "anonymous" in body && body.anonymous === true;
}

function known({ expires_at, idle_expires_at }: Session): KnownSession {
  const now = Date.now();
  return { expiresAt: Date.parse(expires_at), idleTime: Date.parse(idle_expires_at) - now, lastUsedAt: now };
}

async function json<Body>(response: Response): Promise<Body | null> {
  return response
    .clone()
    .json()
    .catch(() => null);
}
