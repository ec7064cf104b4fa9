import { useLocation } from "react-router";
import { count } from "../format";

/** Shown after signing in with one of the last recovery codes. */
export function RecoveryCodesLeft() {
  const state = useLocation().state as { recoveryCodesLeft?: number } | null;
  const left = state?.recoveryCodesLeft;
  if (left === undefined) return null;
  return (
    <p className="notice" role="status">
      You have {left === 0 ? "no recovery codes" : count(left, "recovery code")} left. Create new ones.
    </p>
  );
}
