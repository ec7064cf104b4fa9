import type { SignOutReason } from "@tollgate/client";
import { useLocation } from "react-router";
import { providerError } from "./providerErrors";

/** Why the sign-in form is shown. */
export type SignInReason = SignOutReason | "registered" | "password_reset" | "login_expired";

const TEXTS: Record<SignInReason, string | null> = {
  registered: "Your account has been created. Sign in to continue.",
  password_reset: "Your password has been changed. Sign in with the new one.",
  login_expired: "Signing in took too long. Start again.",
  signed_out: "You have been signed out.",
  account_deleted: "Your account has been deleted.",
  expired: "Your session has expired. Sign in to continue.",
  ended_elsewhere: "Your session was ended from another device. Sign in to continue.",
  unknown: null,
};

export function SignInNotice() {
  const { search, state } = useLocation() as { search: string; state: { reason?: SignInReason } | null };
  const text = state?.reason ? TEXTS[state.reason] : providerError(search);
  return <div role="status">{text && <p className="notice">{text}</p>}</div>;
}
