export type { components, paths } from "./schema.js";
export type {
  AccountChange,
  CompletedLogin,
  Device,
  ErrorCode,
  Login,
  Meter,
  PaymentRequired,
  Post,
  PostsPage,
  PostSummary,
  Read,
  ReadPost,
  ReadsLeft,
  ReadsPage,
  Registration,
  SecondFactor,
  SecondFactorMethod,
  SecondFactorRequired,
  Session,
  SignedInUser,
  Subscription,
  TotpEnrolment,
  User,
} from "./types.js";
export { isPaymentRequired, isSecondFactorRequired, TollgateError } from "./error.js";
export { createTollgate } from "./create.js";
export type { SignOutListener, SignOutReason } from "./session-tracker.js";
export type { PageOptions, Tollgate, TollgateOptions } from "./tollgate.js";
