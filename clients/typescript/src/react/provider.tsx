import { hashKey, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useLayoutEffect } from "react";

import { sessionQuery } from "../query/index.js";
import type { Tollgate } from "../tollgate.js";

const TollgateContext = createContext<Tollgate | null>(null);

/** Must be inside a `QueryClientProvider`. Drops what the previous user has fetched when another one signs in. */
export function TollgateProvider({ tollgate, children }: { tollgate: Tollgate; children?: ReactNode }) {
  const queryClient = useQueryClient();
  // A layout effect, because effects of children run before those of their parents and may send the first requests.
  useLayoutEffect(() => dropOnChange(tollgate, queryClient), [tollgate, queryClient]);
  return <TollgateContext.Provider value={tollgate}>{children}</TollgateContext.Provider>;
}

export function useTollgate(): Tollgate {
  const tollgate = useContext(TollgateContext);
  if (!tollgate) throw new Error("useTollgate must be used inside a TollgateProvider");
  return tollgate;
}

function dropOnChange(tollgate: Tollgate, queryClient: QueryClient): () => void {
  const { session } = tollgate;
  const sessionHash = hashKey(sessionQuery(tollgate).queryKey);
  let previous = session.get();
  return session.subscribe((user) => {
    const isFirst = previous === undefined;
    const isOther = user?.id !== previous?.id;
    previous = user;
    // What was fetched before the first check is this user's. A session that has ended by itself leaves what is shown, which
    // would be fetched again, until the next login.
    const isLeft = session.signOutReason === "signed_out" || session.signOutReason === "account_deleted";
    if (isFirst || !isOther || !(user || isLeft)) return;
    queryClient.removeQueries({ predicate: ({ queryHash }) => queryHash !== sessionHash });
  });
}
