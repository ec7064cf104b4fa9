// The names that an app uses, for what openapi.yaml describes.
import type { components } from "./schema.js";

type Schemas = components["schemas"];

/** What is left out may also be given as `undefined`, as forms do. */
type Values<T> = { [Key in keyof T]: {} extends Pick<T, Key> ? T[Key] | undefined : T[Key] };

export type ErrorCode = Schemas["ErrorCode"];
export type User = Schemas["User"];
export type Session = Schemas["Session"];
export type SignedInUser = Schemas["UserWithSession"];
export type PostSummary = Schemas["PostSummary"];
export type Post = Schemas["Post"];
export type Meter = Schemas["OwnMeter"];
export type Subscription = Schemas["Subscription"];

/** The generator makes `unknown` of an address that is only told by its format. */
export type Device = Omit<Schemas["OwnSession"], "ip"> & { ip: string | null };

/** The refusal of a read: what of the post is free, when reading goes on, and where to pay. */
export type PaymentRequired = Schemas["PaymentRequired"] & { code: "payment_required" };

export type Registration = Values<Schemas["Registration"]>;
export type Login = Values<Schemas["Login"]>;
export type AccountChange = Values<Schemas["AccountChange"]>;

export interface PostsPage {
  posts: PostSummary[];
  /** For the next page; null on the last one. */
  before: number | null;
}

export interface Reads {
  limit: number;
  remaining: number;
  /** Seconds until the period is over; 0 where none has started. */
  resetsIn: number;
}

export interface ReadPost {
  post: Post;
  /** Null where the answer does not tell. */
  reads: Reads | null;
}
