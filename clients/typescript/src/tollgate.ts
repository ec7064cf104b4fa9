import type { AccountCalls } from "./calls/account.js";
import type { AdminCalls } from "./calls/admin/admin.js";
import type { Api } from "./calls/api.js";
import type { EmailCalls, PasswordCalls } from "./calls/email.js";
import type { GiftCalls } from "./calls/gifts.js";
import type { IdentityCalls } from "./calls/identities.js";
import type { PasskeyCalls } from "./calls/passkeys.js";
import type { PostCalls } from "./calls/posts.js";
import type { SecondFactorCalls, TotpCalls } from "./calls/second-factors.js";
import type { SessionCalls } from "./calls/sessions.js";
import type { SignInCalls } from "./calls/sign-in.js";
import type { TokenCalls } from "./calls/tokens.js";
import type { SessionStore, SignOutListener } from "./session/store.js";
import type { SignedInUser } from "./types.js";

export interface TollgateOptions {
  /** The server's URL; defaults to the page's own origin. */
  baseUrl?: string | undefined;
  fetch?: typeof fetch | undefined;
  /**
   * For programs outside of a browser: an API token, or the `session_token` of an app, which signs in with
   * `transport: "bearer"`. No cookies are sent. With an API token, the user of `checkSession` has no `session`.
   */
  token?: string | undefined;
  /** Called once for each session that ends, however it ends. */
  onSignedOut?: SignOutListener | undefined;
  /** What `session.get()` returns at first, such as the user for whom the server has rendered the page. */
  initialUser?: SignedInUser | null | undefined;
  /** Whether other tabs hear of sign-ins and sign-outs. By default, in browsers, unless there is a `token`. */
  shareWithTabs?: boolean | undefined;
}

/** All methods throw a `TollgateError`. */
export interface Tollgate extends SignInCalls {
  /** Every path of openapi.yaml, typed. Returns `{ data, error, response }` and does not throw on error responses. */
  readonly api: Api;
  /** Who is signed in. */
  readonly session: SessionStore;
  readonly posts: PostCalls;
  readonly gifts: GiftCalls;
  /** The user's sessions, on all devices. */
  readonly sessions: SessionCalls;
  readonly account: AccountCalls;
  readonly email: EmailCalls;
  /** For users who have forgotten theirs; `account.changePassword` is for the others. */
  readonly password: PasswordCalls;
  readonly secondFactors: SecondFactorCalls;
  readonly totp: TotpCalls;
  readonly passkeys: PasskeyCalls;
  readonly identities: IdentityCalls;
  /** API tokens. */
  readonly tokens: TokenCalls;
  readonly admin: AdminCalls;
}
