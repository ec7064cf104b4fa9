import { useLocation } from "react-router";
import type { Farewell } from "./next";

const TEXTS: Record<Farewell, string> = {
  expired: "Your session has ended. Sign in to go on where you were.",
  "signed-out": "You are signed out.",
  registered: "You are registered. Sign in with what you chose.",
};

export function FarewellNotice() {
  const state = useLocation().state as { farewell?: Farewell } | null;
  const farewell = state?.farewell;
  return <div role="status">{farewell && <p className="notice">{TEXTS[farewell]}</p>}</div>;
}
