export { type PasswordChange, useChangePassword, useDeleteAccount, useUpdateAccount } from "./account.js";
export {
  type PasswordReset,
  useForgotPassword,
  useResendVerification,
  useResetPassword,
  useSecureAccount,
  useVerifyEmail,
} from "./email.js";
export { type Revocation, useDevices, useRevoke } from "./devices.js";
export { giftsKey, useCreateGift, useGifts, useRevokeGift } from "./gifts.js";
export { meterKey, readsKey, subscriptionKey, useMeter, useReads, useSubscription } from "./meter.js";
export { type PasskeyOffer, usePasskeyOffer } from "./passkey-offer.js";
export {
  type PasskeyDeletion,
  type PasskeyName,
  useAddPasskey,
  useDeletePasskey,
  usePasskeys,
  useRenamePasskey,
} from "./passkeys.js";
export { usePost, usePosts } from "./posts.js";
export { TollgateProvider, useTollgate } from "./provider.js";
export {
  type ConfirmedMutation,
  passkeysKey,
  type Totp,
  useForgetTrustedBrowsers,
  useRecoveryCodes,
  useTotp,
} from "./second-factor.js";
export {
  loginMethodsKey,
  sessionKey,
  useLogin,
  useLoginMethods,
  useLogout,
  usePasskeyLogin,
  useRegister,
  useSecondFactor,
  useSession,
  useSignOutReason,
} from "./session.js";
export { tokensKey, useCreateToken, useDeleteToken, useTokens } from "./tokens.js";
