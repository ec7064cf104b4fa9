import type { Client } from "openapi-fetch";

import type { AdminCalls } from "./admin.js";
import type { paths } from "./schema.js";
import type { SignOutListener, SignOutReason } from "./session-tracker.js";
import type {
  AccountChange,
  ApiToken,
  ApiTokenRequest,
  CompletedLogin,
  Confirmation,
  CreatedApiToken,
  Device,
  EmailLogin,
  EmailRequest,
  Gift,
  GiftRequest,
  LinkedIdentity,
  Login,
  LoginMethods,
  LoginProvider,
  Meter,
  NewPasskey,
  Passkey,
  PasskeyLogin,
  Post,
  PostChange,
  PostDraft,
  PostsPage,
  ProviderLogin,
  ReadPost,
  ReadsPage,
  Registration,
  SecondFactor,
  SignedInUser,
  Subscription,
  TotpEnrolment,
  User,
} from "./types.js";

export interface TollgateOptions {
  /** The server's URL; defaults to the page's own origin. */
  baseUrl?: string | undefined;
  fetch?: typeof fetch | undefined;
  /**
   * For programs outside of a browser: an API token, or the `session_token` of an app, which signs in with
   * `transport: "bearer"`. No cookies are sent. With an API token, `checkSession` has no `session`.
   */
  token?: string | undefined;
  /** Called once for each session that ends, whichever way. */
  onSignedOut?: SignOutListener | undefined;
}

export interface PageOptions {
  limit?: number | undefined;
  /** The `before` of the previous page. */
  before?: number | undefined;
}

/** The media types that programs get. Some paths answer the navigations of browsers with HTML. */
export type JsonMedia = `application/${string}`;

/** All methods throw a `TollgateError`. */
export interface Tollgate {
  /** Every path of openapi.yaml, typed. Returns `{ data, error, response }` and does not throw on error responses. */
  readonly api: Client<paths, JsonMedia>;
  /** Why the last session ended; null while signed in, and if this client has not seen a session end. */
  readonly signOutReason: SignOutReason | null;
  /** Adds a listener and returns a function that removes it. */
  onSignedOut(listener: SignOutListener): () => void;
  /** Null if nobody is signed in. */
  checkSession(): Promise<SignedInUser | null>;
  register(values: Registration): Promise<User>;
  /** The ways to sign in that the server offers. */
  loginMethods(): Promise<LoginMethods>;
  /** Where a link or button of a provider leads. The browser goes there itself: it is not to be fetched. */
  providerLoginUrl(provider: LoginProvider, options?: ProviderLogin): string;
  /** Fails with `second_factor_required` if the user has a second factor; see `isSecondFactorRequired`. */
  login(values: Login): Promise<SignedInUser>;
  /**
   * Sends a link and a code to sign in with. Succeeds for any address. With `transport: "bearer"`, the result has the
   * `request_token` that the code needs.
   */
  requestEmailLogin(values: EmailRequest): Promise<{ request_token?: string }>;
  /**
   * Logs in with the `token` of the link, or with `email` and `code` in the browser that asked. Fails like `login` if the user
   * has a second factor, and with `invalid_token` or `incorrect_code`.
   */
  confirmEmailLogin(values: EmailLogin): Promise<SignedInUser>;
  /**
   * Completes such a login, with a code or with a passkey, which the browser asks for. Fails with `login_expired` if it was
   * started too long ago.
   */
  loginSecondFactor(values: SecondFactor): Promise<CompletedLogin>;
  /** Logs in with a passkey that the browser asks for: without a username, and without a second step. */
  loginPasskey(options?: PasskeyLogin): Promise<SignedInUser>;
  /** Also succeeds if the session has already ended. */
  logout(): Promise<void>;
  posts(options?: PageOptions): Promise<PostsPage>;
  /**
   * Costs a read, unless the post's `access` is `free`. Such a post needs no session. With `gift`, the token of a gift
   * link, the post is read without charge and needs no session either.
   */
  post(id: number, gift?: string): Promise<ReadPost>;
  /** For admins and editors, as the four that follow. */
  createPost(values: PostDraft): Promise<Post>;
  /** Changes the keys that `change` has. Null clears `author` and `image`, and has the server make `excerpt` and `slug` again. */
  updatePost(id: number, change: PostChange): Promise<Post>;
  /** Keeps `access`, `published` and `published_at` if they are left out. Other keys get the default of a new post. */
  replacePost(id: number, values: PostDraft): Promise<Post>;
  deletePost(id: number): Promise<void>;
  /** Stores a picture or another file, and returns its path for posts. Fails with `not_found` if the server stores no files. */
  uploadMedia(file: Blob): Promise<string>;
  /** Gives a post away. Fails with `subscription_required` or `gift_limit_reached`. The link of the gift is its `url`. */
  createGift(postId: number, values?: GiftRequest): Promise<Gift>;
  /** The user's gifts that have not ended, newest first. */
  gifts(): Promise<Gift[]>;
  gift(id: number): Promise<Gift>;
  /** The link opens nothing from then on, not even for those who have opened it. */
  revokeGift(id: number): Promise<void>;
  /** Revokes all gifts of the user. */
  revokeGifts(): Promise<void>;
  /** Without a session, the meter of the anonymous reader (`anonymous`), if the server allows any reads. */
  meter(): Promise<Meter>;
  /** The reads of the current period, newest first. */
  reads(options?: PageOptions): Promise<ReadsPage>;
  subscription(): Promise<Subscription>;
  devices(): Promise<Device[]>;
  /**
   * The password is only needed if the session is not fresh (`fresh_login_required`). To end the session of this client,
   * call `logout` instead: otherwise, the sign-out is reported as `ended_elsewhere`.
   */
  revoke(id: number, password?: Confirmation): Promise<void>;
  revokeOthers(password?: Confirmation): Promise<void>;
  /** If the server sends e-mail, a new address waits in `pending_email` until it is verified. */
  updateAccount(values: AccountChange): Promise<User>;
  /**
   * Signs out all other devices. API tokens stay unless they are to be deleted, too. Returns the new token of an app's
   * session, which needs a new client; null in a browser.
   */
  changePassword(
    currentPassword: Confirmation | undefined,
    newPassword: string,
    options?: { deleteTokens?: boolean | undefined },
  ): Promise<string | null>;
  /** A user without a password passes `undefined` while the session is fresh, as for `changePassword`. */
  deleteAccount(password: Confirmation | undefined): Promise<void>;
  /** The user's API tokens, newest first. */
  tokens(): Promise<ApiToken[]>;
  /** The text of the token is not shown again. The password is only needed if the session is not fresh. */
  createToken(values: ApiTokenRequest): Promise<CreatedApiToken>;
  deleteToken(id: number): Promise<void>;
  /**
   * Returns a seed for an authenticator app, which `confirmTotp` makes a second factor. As with all of the following, the
   * password is only needed if the session is not fresh (`fresh_login_required`).
   */
  startTotp(password?: Confirmation): Promise<TotpEnrolment>;
  /** Takes the first code of the app. Returns the recovery codes, which are not shown again. */
  confirmTotp(code: string): Promise<string[]>;
  removeTotp(password?: Confirmation): Promise<void>;
  /** Returns new recovery codes. The old ones stop working. */
  replaceRecoveryCodes(password?: Confirmation): Promise<string[]>;
  /** The oldest first. */
  passkeys(): Promise<Passkey[]>;
  /** Lets the browser create a passkey. Logins with the password then need a second factor. */
  addPasskey(values?: NewPasskey): Promise<Passkey>;
  renamePasskey(id: number, name: string): Promise<Passkey>;
  /** Tells browsers that can be told, so that they no longer offer it. */
  deletePasskey(id: number, password?: Confirmation): Promise<void>;
  /** The accounts of providers that the user signs in with, the oldest first. */
  identities(): Promise<LinkedIdentity[]>;
  /**
   * Returns where to send this browser to link an account of the provider with this name. It comes back to `next`, by default
   * `/account` of the server. Fails with `provider_unavailable`.
   */
  linkIdentity(provider: string, options?: { next?: string | undefined; password?: Confirmation | undefined }): Promise<string>;
  /** Fails with `last_credential` if the user could not sign in any more. */
  unlinkIdentity(id: number, password?: Confirmation): Promise<void>;
  /** Logins of every browser need the second factor again. */
  forgetTrustedBrowsers(): Promise<void>;
  /** Mails a code that takes the place of the password in one call, for users who sign in by e-mail. */
  requestConfirmation(): Promise<void>;
  /** Sends the message again that asks to verify the address. */
  resendVerification(): Promise<void>;
  /** Takes the token of the link in that message. */
  verifyEmail(token: string): Promise<void>;
  /** Sends a link to reset the password. Succeeds for any address, but only a verified one receives a message. */
  forgotPassword(email: string): Promise<void>;
  /** Takes the token of that link. Ends all sessions of the user, and does not sign in. */
  resetPassword(token: string, newPassword: string): Promise<void>;
  /**
   * "This wasn't me", with the token of the link in a notice: restores the address, ends all sessions, and sends a link to
   * choose a new password.
   */
  secureAccount(token: string): Promise<void>;
  /** For admins. */
  readonly admin: AdminCalls;
}
