import type { SignOutReason } from "@tollgate/client";
import { useLocation } from "react-router";

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
  const state = useLocation().state as { reason?: SignInReason } | null;
  const text = state?.reason ? TEXTS[state.reason] : null;
  return <div role="status">{text && <p className="notice">{text}</p>}</div>;
}
