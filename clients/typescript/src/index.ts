export type { AccountCalls, AccountChange, PasswordChange } from "./calls/account.js";
export type { AdminCalls, EventSearch, PaymentSearch, PostStatisticsSearch } from "./calls/admin/admin.js";
export type { UserCalls, UserChange, UserSearch } from "./calls/admin/users.js";
export type { Page, PageOptions } from "./calls/api.js";
export type { Confirmation } from "./calls/confirmation.js";
export type { EmailCalls, EmailCode, EmailLogin, EmailRequest, PasswordCalls, PasswordReset } from "./calls/email.js";
export type { GiftCalls, GiftRequest } from "./calls/gifts.js";
export type { IdentityCalls, IdentityLink, ProviderLogin } from "./calls/identities.js";
export type { NewPasskey, PasskeyCalls, PasskeyLogin } from "./calls/passkeys.js";
export type { PostCalls, PostChange, PostDraft } from "./calls/posts.js";
export type { CodeStep, PasskeyStep, SecondFactor, SecondFactorCalls, TotpCalls } from "./calls/second-factors.js";
export type { SessionCalls } from "./calls/sessions.js";
export type { Login, Registration, SignInCalls, SignUp } from "./calls/sign-in.js";
export type { ApiTokenRequest, TokenCalls } from "./calls/tokens.js";
export { createTollgate } from "./create.js";
export {
  type ClientErrorCode,
  type ErrorBody,
  type ErrorCode,
  isTollgateError,
  type TollgateError,
  type TollgateErrorCode,
} from "./errors/error.js";
export { messageFor, type Messages } from "./errors/messages.js";
export { supportsPasskeyAutofill, supportsPasskeys } from "./passkeys/support.js";
export type { components, paths } from "./schema.js";
export type { SessionStore, SignOutListener, SignOutReason } from "./session/store.js";
export type { Tollgate, TollgateOptions } from "./tollgate.js";
export type * from "./types.js";
