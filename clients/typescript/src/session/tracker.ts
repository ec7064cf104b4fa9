import type { Middleware } from "openapi-fetch";

import { isErrorBody } from "../errors/response.js";
import type { SignedInUser, User } from "../types.js";
import { type SessionMessage, SessionState, type SignOutReason } from "./store.js";

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
  readonly state: SessionState;
  /** Called when this client signs in or out. */
  onOwnChange: (message: SessionMessage) => void = () => {};
  /** Undefined if the session, if there is one, has not been seen, or belongs to an API token. */
  #times: KnownSession | undefined;
  /** Meanwhile, other requests may be refused before the response to the log-out arrives. */
  #isLoggingOut = false;
  /** Incremented with each session that this client, or another tab, opens. */
  #generation = 0;
  /** Requests in flight that may open another session. */
  #replacing = 0;
  /** The generation in which each request in flight was sent. */
  readonly #sentIn = new Map<string, number>();

  constructor(initial: SignedInUser | null | undefined) {
    this.state = new SessionState(initial);
    this.#times = known(initial);
  }

  /** What another tab has done, with the cookie that the tabs share. */
  readonly hear = (message: SessionMessage): void => {
    this.#generation += 1;
    if ("user" in message) this.#start(message.user);
    else this.#end(message.reason);
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
    const isLogin = LOGINS.includes(path) && request.method === "POST";
    const opens = isLogin || path.startsWith("/check_session");
    if (replaces(request, path) || path === "/logout") this.#generation += 1;
    if (opens && !isCurrent && !replaces(request, path)) return;
    if (opens) await this.#open(response, isLogin);
    else if (path === "/logout") this.#endHere("signed_out");
    else if (path === "/account" && request.method === "DELETE") this.#endHere("account_deleted");
    else if (path === "/account" && request.method === "PATCH") await this.#update(response);
    else if (this.#times) this.#times.lastUsedAt = Date.now();
  }

  async #onUnauthorized(response: Response): Promise<void> {
    const body = await json<unknown>(response);
    // Other codes are 401 too, such as `fresh_login_required`, after which the session goes on.
    if (!isErrorBody(body)) return;
    // An anonymous reader who has used up the free reads was not signed out, unless there was a session before.
    if (isAnonymous(body)) this.#endKnown(this.#likelyReason());
    else if (body.code === "login_required" || body.code === "invalid_token") this.#end(this.#likelyReason());
    if (body.code === "not_logged_in") this.#endKnown(this.#likelyReason());
    // A correct password ends the previous session, and opens none yet.
    if (body.code === "second_factor_required") this.#endKnown("signed_out");
  }

  async #open(response: Response, isLogin: boolean): Promise<void> {
    const generation = this.#generation;
    const body = await json<SignedInUser & { recovery_codes_left?: number | null; session_token?: string }>(response);
    // Meanwhile, the session may have been replaced. And a session whose token is in the response has no cookie here.
    if (!body || generation !== this.#generation || body.session_token) return;
    // This is said once, and is not about the user.
    const { recovery_codes_left: _, ...user } = body;
    // Until now, this page was somebody else's, who may have read without a session.
    if (isLogin && this.state.get() === undefined) this.state.set(null);
    this.#start(user);
    if (isLogin) this.onOwnChange({ user });
  }

  async #update(response: Response): Promise<void> {
    const [user, changed] = [this.state.get(), await json<User>(response)];
    if (user && changed) this.state.set({ ...user, ...changed });
  }

  #start(user: SignedInUser): void {
    this.#times = known(user);
    this.state.set(user);
  }

  #end(reason: SignOutReason): void {
    this.#times = undefined;
    this.state.end(reason);
  }

  #endHere(reason: SignOutReason): void {
    this.#end(reason);
    this.onOwnChange({ reason });
  }

  /** The first response to a visitor who is not signed in is not a sign-out. */
  #endKnown(reason: SignOutReason): void {
    if (this.state.get()) this.#end(reason);
    else this.state.set(null);
  }

  #likelyReason(): SignOutReason {
    if (this.#isLoggingOut) return "signed_out";
    if (!this.#times) return "unknown";
    const { expiresAt, idleTime, lastUsedAt } = this.#times;
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

function known(user: SignedInUser | null | undefined): KnownSession | undefined {
  // An API token opens no session.
  if (!user?.session) return undefined;
  const { expires_at, idle_expires_at } = user.session;
  const now = Date.now();
  return { expiresAt: Date.parse(expires_at), idleTime: Date.parse(idle_expires_at) - now, lastUsedAt: now };
}

async function json<Body>(response: Response): Promise<Body | null> {
  return response
    .clone()
    .json()
    .catch(() => null);
}
