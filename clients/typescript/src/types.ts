// Names for the schemas of openapi.yaml that apps use.
import type { components } from "./schema.js";

type Schemas = components["schemas"];

/** Optional values may also be `undefined`, as they are in forms. */
type Values<T> = { [Key in keyof T]: {} extends Pick<T, Key> ? T[Key] | undefined : T[Key] };

export type ErrorCode = Schemas["ErrorCode"];
export type User = Schemas["User"];
export type Session = Schemas["Session"];
export type SignedInUser = Schemas["UserWithSession"];
export type PostSummary = Schemas["PostSummary"];
export type Post = Schemas["Post"];
export type Access = Schemas["PostAccess"];
export type Meter = Schemas["ReaderMeter"];
export type Read = Schemas["ListedRead"];
export type Subscription = Schemas["Subscription"];

/** The generator turns a string described only by its format into `unknown`. */
export type Device = Omit<Schemas["ListedSession"], "ip"> & { ip: string | null };

/** The body of the error when the reads are used up: the excerpt, when the period ends, and the payment link. */
export type PaymentRequired = Schemas["PaymentRequired"] & { code: "payment_required" };

/** The body of the error when a post is for subscribers: the excerpt and the payment link. */
export type SubscriptionRequired = Schemas["SubscriptionRequired"] & { code: "subscription_required" };

/** The body of the error when the reads of a reader without a session are used up: the excerpt, and when the period ends. */
export type AnonymousReadsUsedUp = Schemas["AnonymousReadsUsedUp"] & { code: "login_required" };

/** What a second factor can be proved with. */
export type SecondFactorMethod = Schemas["SecondFactorMethod"];

/** A passkey of the user. */
export type Passkey = Schemas["Passkey"];

/** The body of the error when a login also needs a second factor. */
export type SecondFactorRequired = Schemas["SecondFactorRequired"] & { code: "second_factor_required" };

/** The user, and after a login with a recovery code, how many are left. */
export type CompletedLogin = Schemas["CompletedLogin"];

/** The seed for an authenticator app: as text, as a link for apps, and as a QR code. */
export type TotpEnrolment = Schemas["TotpEnrolment"];

/** An API token, without its text. */
export type ApiToken = Schemas["ApiToken"];

/** With the text of the token, which is not shown again. */
export type CreatedApiToken = Schemas["CreatedApiToken"];

/** A post that is given away by a link. */
export type Gift = Schemas["Gift"];

/** The ways to sign in that the server offers. */
export type LoginMethods = Schemas["LoginMethods"];

/** An OpenID Connect provider that the server offers. */
export type LoginProvider = LoginMethods["oidc"][number];

/** An account of a provider that the user signs in with. */
export type LinkedIdentity = Schemas["LinkedIdentity"];

export type GiftRequest = Values<Schemas["GiftRequest"]>;

/** A new post, or what replaces one. Keys that only the server sets are ignored. */
export type PostDraft = Values<Schemas["PostDraft"]>;

/** The keys of a post that change. */
export type PostChange = Values<Schemas["PostChange"]>;

export type ApiTokenRequest = Values<Schemas["ApiTokenRequest"]>;
export type Registration = Values<Schemas["Registration"]>;
export type Login = Values<Schemas["Login"]>;
export type EmailRequest = Values<Schemas["EmailRequest"]>;
export type AccountChange = Values<Schemas["AccountChange"]>;

/** The password, or the code that `requestConfirmation` has mailed. */
export type Confirmation = string | { code: string };

/** What was in a message to sign in with. */
export type EmailLogin = { token: string; transport?: Schemas["Transport"] | undefined } | EmailCode;

export interface EmailCode {
  email: string;
  code: string;
  /** With `bearer`, for an app without cookies, the `request_token` of the request is required. */
  transport?: Schemas["Transport"] | undefined;
  request_token?: string | null | undefined;
}

/** A code proves the second factor, or a passkey that the browser asks for. */
export type SecondFactor = CodeStep | PasskeyStep;

export interface CodeStep {
  method: Schemas["CodeMethod"];
  code: string;
  /** For 30 days, logins of this browser need no second factor. */
  trust_browser?: boolean | null | undefined;
  /** With `bearer`, for an app without cookies, `login_token` is required, from the body of the error. */
  transport?: Schemas["Transport"] | undefined;
  login_token?: string | null | undefined;
}

export interface PasskeyStep {
  method: "passkey";
  trust_browser?: boolean | null | undefined;
  /** Closes the browser's window. */
  signal?: AbortSignal | undefined;
}

export interface PasskeyLogin {
  /** A function is called once a passkey was chosen. */
  stay_signed_in?: boolean | (() => boolean) | undefined;
  /**
   * With `conditional`, the browser opens no window, but offers passkeys in the field that has
   * `autocomplete="username webauthn"`, until the call is aborted or another one asks for a passkey.
   */
  mediation?: "conditional" | undefined;
  signal?: AbortSignal | undefined;
}

/** How a browser comes back from a provider. */
export interface ProviderLogin {
  /** A path of the server's site, or a page of an origin that may call it; by default the server's start page. */
  next?: string | undefined;
  stay_signed_in?: boolean | undefined;
}

export interface NewPasskey {
  /** By default, that of the authenticator. */
  name?: string | undefined;
  /** Only needed if the session is not fresh (`fresh_login_required`). */
  password?: Confirmation | undefined;
  signal?: AbortSignal | undefined;
}

/** A user in the list of all users. */
export type ListedUser = Schemas["ListedUser"];

/** A user with the meter, the subscription, and what a support desk asks for. */
export type UserDetails = Schemas["UserDetails"];

export type UserChange = Values<Schemas["UserChange"]>;

export interface UserSearch {
  /** The start of a name or an address. */
  query?: string | undefined;
  role?: Schemas["Role"] | undefined;
  status?: "active" | "disabled" | undefined;
  limit?: number | undefined;
  /** The `before` of the previous page. */
  before?: number | undefined;
}

/** The meter of a user. */
export type UserMeter = Schemas["Meter"];

/** Everything that is stored about a user. */
export type UserExport = Schemas["AccountExport"];

/** The generator turns a string described only by its format into `unknown`. */
export type UserEvent = Omit<Schemas["AccountAuditEvent"], "ip"> & { ip: string | null };

export interface UserEventsPage {
  events: UserEvent[];
  /** The cursor of the next page; null on the last page. */
  before: number | null;
}

/** An event of any account. */
export type AuditEvent = Omit<Schemas["UserAuditEvent"], "ip"> & { ip: string | null };

export interface EventSearch {
  /** RFC 3339. */
  since?: string | undefined;
  /** RFC 3339. */
  until?: string | undefined;
  /** The name or the id of an admin, or the operating system's user who ran a command. */
  by?: string | undefined;
  event?: Schemas["AuditEventType"] | undefined;
  limit?: number | undefined;
  /** The `before` of the previous page. */
  before?: number | undefined;
}

export interface EventsPage {
  events: AuditEvent[];
  /** The cursor of the next page; null on the last page. */
  before: number | null;
}

/** A message that waits for its delivery, or could not be delivered. */
export type OutboxMessage = Schemas["OutboxMessage"];

export interface OutboxPage {
  messages: OutboxMessage[];
  /** The cursor of the next page; null on the last page. */
  before: number | null;
}

/** A payment that belonged to no account when it arrived. */
export type Payment = Schemas["Payment"];

export interface PaymentSearch {
  /** Only payments that still belong to no account. */
  unmatched?: boolean | undefined;
  limit?: number | undefined;
  /** The `before` of the previous page. */
  before?: string | undefined;
}

export interface PaymentsPage {
  payments: Payment[];
  /** The cursor of the next page; null on the last page. */
  before: string | null;
}

export interface UsersPage {
  users: ListedUser[];
  /** The cursor of the next page; null on the last page. */
  before: number | null;
}

export interface PostsPage {
  posts: PostSummary[];
  /** The cursor of the next page; null on the last page. */
  before: number | null;
}

/** The range of days is in UTC, such as 2026-11-21; the default is 30 days that end today. */
export interface PostStatisticsSearch {
  from?: string | undefined;
  to?: string | undefined;
  limit?: number | undefined;
  /** The `before` of the previous page. */
  before?: number | undefined;
}

/** A post (`post_id`) or a page of another application (`path`). */
export type PostStatistics = Schemas["PostStatistics"];

export interface PostStatisticsPage {
  posts: PostStatistics[];
  /** The cursor of the next page; null on the last page. */
  before: number | null;
}

export interface ReadsPage {
  reads: Read[];
  /** The cursor of the next page; null on the last page. */
  before: number | null;
}

export interface ReadsLeft {
  limit: number;
  remaining: number;
  /** Seconds until the period ends; 0 if none has started. */
  resetsIn: number;
}

export interface ReadPost {
  post: Post;
  /** Null if the response does not say. */
  readsLeft: ReadsLeft | null;
}
