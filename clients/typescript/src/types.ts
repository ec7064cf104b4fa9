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
export type Meter = Schemas["OwnMeter"];
export type Read = Schemas["OwnRead"];
export type Subscription = Schemas["Subscription"];

/** The generator turns a string described only by its format into `unknown`. */
export type Device = Omit<Schemas["OwnSession"], "ip"> & { ip: string | null };

/** The body of the error when the reads are used up: the excerpt, when the period ends, and the payment link. */
export type PaymentRequired = Schemas["PaymentRequired"] & { code: "payment_required" };

export type Registration = Values<Schemas["Registration"]>;
export type Login = Values<Schemas["Login"]>;
export type AccountChange = Values<Schemas["AccountChange"]>;

export interface PostsPage {
  posts: PostSummary[];
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
