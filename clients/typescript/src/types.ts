// Names for the responses of openapi.yaml that apps use.
import type { components } from "./schema.js";

type Schemas = components["schemas"];

/** The generator turns a string described only by its format into `unknown`. */
type WithAddress<T> = Omit<T, "ip"> & { ip: string | null };

export type User = Schemas["User"];
export type SignedInUser = Schemas["UserWithSession"];

/** When the session of the signed-in user ends. */
export type SessionTimes = Schemas["Session"];

/** A session of the user, in the list of all. */
export type Session = WithAddress<Schemas["ListedSession"]>;

export type PostSummary = Schemas["PostSummary"];
export type Post = Schemas["Post"];
export type Access = Schemas["PostAccess"];
export type Meter = Schemas["ReaderMeter"];
export type Read = Schemas["ListedRead"];
export type Subscription = Schemas["Subscription"];

/** What a second factor can be proved with. */
export type SecondFactorMethod = Schemas["SecondFactorMethod"];

/** A passkey of the user. */
export type Passkey = Schemas["Passkey"];

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

/** An event of the user's own account. */
export type AccountEvent = WithAddress<Schemas["AuditEvent"]>;

/** Everything that is stored about a user. */
export type AccountExport = Schemas["AccountExport"];

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

/** A user in the list of all users. */
export type ListedUser = Schemas["ListedUser"];

/** A user with the meter, the subscription, and what a support desk asks for. */
export type UserDetails = Schemas["UserDetails"];

/** The meter of a user. */
export type UserMeter = Schemas["Meter"];

/** An event of a user's account, for admins. */
export type UserEvent = WithAddress<Schemas["AccountAuditEvent"]>;

/** An event of any account. */
export type AuditEvent = WithAddress<Schemas["UserAuditEvent"]>;

/** A message that waits for its delivery, or could not be delivered. */
export type OutboxMessage = Schemas["OutboxMessage"];

/** A payment that belonged to no account when it arrived. */
export type Payment = Schemas["Payment"];

/** A post (`post_id`) or a page of another application (`path`). */
export type PostStatistics = Schemas["PostStatistics"];
