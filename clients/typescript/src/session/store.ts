import type { SignedInUser } from "../types.js";

/**
 * - `signed_out`: `logout` was called here or in another tab, or a `login` that waits for a second factor
 * - `account_deleted`: `account.delete` was called here or in another tab
 * - `expired`: the session was not used for too long, or reached its maximum age
 * - `ended_elsewhere`: from another device, by a password change there, or by the operator
 * - `unknown`: this client had not seen the session
 */
export type SignOutReason = "signed_out" | "account_deleted" | "expired" | "ended_elsewhere" | "unknown";
export type SignOutListener = (reason: SignOutReason) => void;

/** Who is signed in, according to the responses so far. */
export interface SessionStore {
  /** Undefined until a response shows it, null while signed out. The same object until something changes. */
  get(): SignedInUser | null | undefined;
  /** Calls the listener after each change of `get` and `signOutReason`. Returns a function that removes it. */
  subscribe(listener: (user: SignedInUser | null | undefined) => void): () => void;
  /** Why the last session ended; null while signed in, and if this client has not seen a session end. */
  readonly signOutReason: SignOutReason | null;
  /** Calls the listener once for each session that ends, however it ends. Returns a function that removes it. */
  onSignedOut(listener: SignOutListener): () => void;
}

/** What other tabs are told. */
export type SessionMessage = { user: SignedInUser } | { reason: SignOutReason };

/** The state alone. `SessionTracker` decides when it changes. */
export class SessionState implements SessionStore {
  #user: SignedInUser | null | undefined;
  #reason: SignOutReason | null = null;
  readonly #listeners = new Set<(user: SignedInUser | null | undefined) => void>();
  readonly #endListeners = new Set<SignOutListener>();

  constructor(initial: SignedInUser | null | undefined) {
    this.#user = initial;
  }

  readonly get = () => this.#user;

  get signOutReason(): SignOutReason | null {
    return this.#reason;
  }

  readonly subscribe = (listener: (user: SignedInUser | null | undefined) => void) => added(this.#listeners, listener);
  readonly onSignedOut = (listener: SignOutListener) => added(this.#endListeners, listener);

  set(user: SignedInUser | null): void {
    if (user) this.#reason = null;
    // The object stays the same, so that nothing is rendered again without need.
    if (JSON.stringify(user) === JSON.stringify(this.#user)) return;
    this.#user = user;
    for (const listener of [...this.#listeners]) listener(user);
  }

  end(reason: SignOutReason): void {
    if (this.#user === null) return;
    this.#reason = reason;
    this.set(null);
    for (const listener of [...this.#endListeners]) listener(reason);
  }
}

function added<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
