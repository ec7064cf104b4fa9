import { Navigate, useLocation } from "react-router";
import { nextPath } from "./next";

/** From so few recovery codes on, new ones should be created. */
const FEW = 3;

/** Leads from the sign-in form to the page that was requested, or to new recovery codes if few are left. */
export function SignedIn({ recoveryCodesLeft }: { recoveryCodesLeft?: number | undefined }) {
  const { search } = useLocation();
  const hasFew = recoveryCodesLeft !== undefined && recoveryCodesLeft <= FEW;
  return hasFew ? (
    <Navigate to="/account" replace state={{ recoveryCodesLeft }} />
  ) : (
    <Navigate to={nextPath(search)} replace />
  );
}
