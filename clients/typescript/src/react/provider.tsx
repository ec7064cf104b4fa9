import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useLayoutEffect } from "react";

import type { Tollgate } from "../tollgate.js";
import { endSession } from "./session-data.js";

const TollgateContext = createContext<Tollgate | null>(null);

/** Must be inside a `QueryClientProvider`. */
export function TollgateProvider({ tollgate, children }: { tollgate: Tollgate; children?: ReactNode }) {
  const queryClient = useQueryClient();
  // A layout effect, because effects of children run before those of their parents and may send the first requests.
  useLayoutEffect(() => tollgate.onSignedOut(() => void endSession(queryClient)), [tollgate, queryClient]);
  return <TollgateContext.Provider value={tollgate}>{children}</TollgateContext.Provider>;
}

export function useTollgate(): Tollgate {
  const tollgate = useContext(TollgateContext);
  if (!tollgate) throw new Error("useTollgate must be used inside a TollgateProvider");
  return tollgate;
}
