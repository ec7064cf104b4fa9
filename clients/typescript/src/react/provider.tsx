import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useLayoutEffect } from "react";

import { whenSignedOut } from "../signed-out.js";
import type { Tollgate } from "../tollgate.js";
import { endSession } from "./session-data.js";

const TollgateContext = createContext<Tollgate | null>(null);

/** Stands inside the QueryClientProvider. */
export function TollgateProvider({ tollgate, children }: { tollgate: Tollgate; children?: ReactNode }) {
  const queryClient = useQueryClient();
  // Not useEffect, which would run after those of the children, when their first requests are already under way.
  useLayoutEffect(() => {
    const middleware = whenSignedOut(() => void endSession(queryClient));
    tollgate.api.use(middleware);
    return () => tollgate.api.eject(middleware);
  }, [tollgate, queryClient]);
  return <TollgateContext.Provider value={tollgate}>{children}</TollgateContext.Provider>;
}

export function useTollgate(): Tollgate {
  const tollgate = useContext(TollgateContext);
  if (!tollgate) throw new Error("useTollgate needs a TollgateProvider above it");
  return tollgate;
}
