export type { components, paths } from "./schema.js";
export type {
  AccountChange,
  Device,
  ErrorCode,
  Login,
  Meter,
  PaymentRequired,
  Post,
  PostsPage,
  PostSummary,
  ReadPost,
  Reads,
  Registration,
  Session,
  SignedInUser,
  Subscription,
  User,
} from "./types.js";
export { isPaymentRequired, TollgateError } from "./error.js";
export { createTollgate } from "./create.js";
export type { Tollgate, TollgateOptions } from "./tollgate.js";
