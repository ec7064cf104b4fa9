export {
  type SessionEnd,
  useChangePassword,
  useCreateToken,
  useDeleteAccount,
  useEndSession,
  useRemoveToken,
  useRequestPasswordReset,
  useResendVerification,
  useResetPassword,
  useSecureAccount,
  useSessions,
  useTokens,
  useUpdateAccount,
  useVerifyEmail,
} from "./account.js";
export { type PasskeyOffer, usePasskeyOffer } from "./passkey-offer.js";
export {
  useCreateGift,
  useGifts,
  useMeter,
  usePost,
  usePosts,
  useReads,
  useRemoveGift,
  useSubscription,
} from "./posts.js";
export { TollgateProvider, useTollgate } from "./provider.js";
export {
  type ConfirmedMutation,
  type PasskeyName,
  type PasskeyRemoval,
  type Totp,
  useAddPasskey,
  useForgetTrustedBrowsers,
  usePasskeys,
  useRecoveryCodes,
  useRemovePasskey,
  useRenamePasskey,
  useTotp,
} from "./second-factors.js";
export {
  type SessionResult,
  useLogin,
  useLoginMethods,
  useLogout,
  usePasskeyLogin,
  useRegister,
  useSecondFactor,
  useSession,
  useSignOutReason,
  useSignUp,
} from "./session.js";
