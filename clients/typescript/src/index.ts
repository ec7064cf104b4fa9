export type { components, paths } from "./schema.js";
export type {
  Access,
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
  SubscriptionRequired,
  TotpEnrolment,
  User,
} from "./types.js";
export { isPaymentRequired, isSecondFactorRequired, isSubscriptionRequired, TollgateError } from "./error.js";
export { createTollgate } from "./create.js";
export type { SignOutListener, SignOutReason } from "./session-tracker.js";
export type { PageOptions, Tollgate, TollgateOptions } from "./tollgate.js";
