export type { components, paths } from "./schema.js";
export type {
  Access,
  AccountChange,
  AnonymousReadsUsedUp,
  ApiToken,
  ApiTokenRequest,
  CodeStep,
  CompletedLogin,
  CreatedApiToken,
  Device,
  ErrorCode,
  Login,
  Meter,
  NewPasskey,
  Passkey,
  PasskeyLogin,
  PasskeyStep,
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
export {
  type ClientErrorCode,
  isAnonymousReadsUsedUp,
  isPaymentRequired,
  isSecondFactorRequired,
  isSubscriptionRequired,
  TollgateError,
} from "./error.js";
export { supportsPasskeyAutofill, supportsPasskeys } from "./passkeys/browser.js";
export { createTollgate } from "./create.js";
export type { SignOutListener, SignOutReason } from "./session-tracker.js";
export type { PageOptions, Tollgate, TollgateOptions } from "./tollgate.js";
