import { hashKey, type QueryClient } from "@tanstack/react-query";

import type { SignedInUser } from "../types.js";

export const sessionKey = ["tollgate", "session"] as const;

/** Drops all other queries: they may hold the previous user's data. */
export async function changeSession(queryClient: QueryClient, user: SignedInUser | null): Promise<void> {
  await setSession(queryClient, user);
  queryClient.removeQueries({ predicate: (query) => query.queryHash !== hashKey(sessionKey) });
}

/** Keeps the other queries until the next login: components that still show them would fetch them again. */
export function endSession(queryClient: QueryClient): Promise<void> {
  return setSession(queryClient, null);
}

async function setSession(queryClient: QueryClient, user: SignedInUser | null): Promise<void> {
  // A pending check would return the previous session.
  await queryClient.cancelQueries({ queryKey: sessionKey });
  queryClient.setQueryData(sessionKey, user);
}
