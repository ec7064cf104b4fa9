import {
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { isSecondFactorRequired, type TollgateError } from "../error.js";
import type { SignOutReason } from "../session-tracker.js";
import type {
  CompletedLogin,
  Login,
  LoginMethods,
  PasskeyLogin,
  Registration,
  SecondFactor,
  SignedInUser,
  User,
} from "../types.js";
import { useTollgate } from "./provider.js";
import { retry } from "./retry.js";
import { changeSession, endSession, sessionKey } from "./session-data.js";

export { sessionKey };

export const loginMethodsKey = ["tollgate", "login-methods"] as const;

/** Many components use the session. One check a minute is enough, since any 401 `login_required` ends it as well. */
const SESSION_STALE_TIME = 60_000;

/** `data` is undefined while loading, and null if nobody is signed in. */
export function useSession(): UseQueryResult<SignedInUser | null, TollgateError> {
  const tollgate = useTollgate();
  return useQuery({
    queryKey: sessionKey,
    queryFn: () => tollgate.checkSession(),
    staleTime: SESSION_STALE_TIME,
    retry,
  });
}

/** The ways to sign in that the server offers. They depend on its settings only. */
export function useLoginMethods(): UseQueryResult<LoginMethods, TollgateError> {
  const tollgate = useTollgate();
  return useQuery({ queryKey: loginMethodsKey, queryFn: () => tollgate.loginMethods(), staleTime: Infinity, retry });
}

/** Why the last session ended; null while signed in, and if none has ended since the page was loaded. */
export function useSignOutReason(): SignOutReason | null {
  const tollgate = useTollgate();
  return useSyncExternalStore(
    tollgate.onSignedOut,
    () => tollgate.signOutReason,
    () => null,
  );
}

/** With `isSecondFactorRequired(error)`, `useSecondFactor` completes the login. */
export function useLogin(): UseMutationResult<SignedInUser, TollgateError, Login> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (values: Login) => tollgate.login(values),
    onSuccess: (user) => changeSession(queryClient, user),
    // The previous session is over, also one that this client has not seen.
    onError: (error) => (isSecondFactorRequired(error) ? endSession(queryClient) : undefined),
  });
}

/** The second step of a login. */
export function useSecondFactor(): UseMutationResult<CompletedLogin, TollgateError, SecondFactor> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (values: SecondFactor) => tollgate.loginSecondFactor(values),
    onSuccess: ({ recovery_codes_left: _, ...user }) => changeSession(queryClient, user),
  });
}

/** Opens the browser's window for passkeys; `mutate` takes `stay_signed_in`. No username and no second step is needed. */
export function usePasskeyLogin(): UseMutationResult<SignedInUser, TollgateError, PasskeyLogin | void> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (options: PasskeyLogin | void) => tollgate.loginPasskey(options ?? undefined),
    onSuccess: (user) => changeSession(queryClient, user),
  });
}

/** Does not sign in: log in next. */
export function useRegister(): UseMutationResult<User, TollgateError, Registration> {
  const tollgate = useTollgate();
  return useMutation({ mutationFn: (values: Registration) => tollgate.register(values) });
}

export function useLogout(): UseMutationResult<void, TollgateError, void> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => tollgate.logout(),
    onSuccess: () => changeSession(queryClient, null),
  });
}
