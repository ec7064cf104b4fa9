import { hashKey, type QueryClient } from "@tanstack/react-query";

import type { SignedInUser } from "../types.js";

export const sessionKey = ["tollgate", "session"] as const;

/** Forgets what was told to who was signed in before, which may be somebody else. */
export async function changeSession(queryClient: QueryClient, user: SignedInUser | null): Promise<void> {
  await setSession(queryClient, user);
  queryClient.removeQueries({ predicate: (query) => query.queryHash !== hashKey(sessionKey) });
}

/** Keeps the rest until the next login: a query that was dropped now would be asked again by who still shows it. */
export function endSession(queryClient: QueryClient): Promise<void> {
  return setSession(queryClient, null);
}

async function setSession(queryClient: QueryClient, user: SignedInUser | null): Promise<void> {
  // A check that is under way would answer for the session before.
  await queryClient.cancelQueries({ queryKey: sessionKey });
  queryClient.setQueryData(sessionKey, user);
}
