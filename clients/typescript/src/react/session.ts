import { useQuery, type UseMutationResult, type UseQueryResult } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import type { PasskeyLogin } from "../calls/passkeys.js";
import type { SecondFactor } from "../calls/second-factors.js";
import type { Login, Registration, SignUp } from "../calls/sign-in.js";
import type { TollgateError } from "../errors/error.js";
import { loginMethodsQuery, sessionQuery } from "../query/index.js";
import type { SignOutReason } from "../session/store.js";
import type { CompletedLogin, LoginMethods, SignedInUser, User } from "../types.js";
import { useCall } from "./call.js";
import { useTollgate } from "./provider.js";

export interface SessionResult {
  /** Undefined while loading, null while signed out. */
  data: SignedInUser | null | undefined;
  /** Why it could not be loaded. */
  error: TollgateError | null;
  isPending: boolean;
  /** Asks the server again. */
  refetch: () => Promise<unknown>;
}

/** Who is signed in: `tollgate.session`, which is checked when the page opens and when it is shown again. */
export function useSession(): SessionResult {
  const tollgate = useTollgate();
  const { get, subscribe } = tollgate.session;
  const data = useSyncExternalStore(subscribe, get, get);
  const check = useQuery(sessionQuery(tollgate));
  const error = data === undefined ? check.error : null;
  return { data, error, isPending: data === undefined && !error, refetch: check.refetch };
}

/** Why the last session ended; null while signed in, and if none has ended since the page was loaded. */
export function useSignOutReason(): SignOutReason | null {
  const { session } = useTollgate();
  const reason = () => session.signOutReason;
  return useSyncExternalStore(session.subscribe, reason, reason);
}

/** The ways to sign in that the server offers. */
export function useLoginMethods(): UseQueryResult<LoginMethods, TollgateError> {
  return useQuery(loginMethodsQuery(useTollgate()));
}

/** If the code of the error is `second_factor_required`, `useSecondFactor` completes the login. */
export function useLogin(): UseMutationResult<SignedInUser, TollgateError, Login> {
  return useCall((tollgate, values: Login) => tollgate.login(values));
}

/** The second step of a login. */
export function useSecondFactor(): UseMutationResult<CompletedLogin, TollgateError, SecondFactor> {
  return useCall((tollgate, values: SecondFactor) => tollgate.secondFactors.login(values));
}

/** Opens the browser's window for passkeys; `mutate` takes `staySignedIn`. No username and no second step is needed. */
export function usePasskeyLogin(): UseMutationResult<SignedInUser, TollgateError, PasskeyLogin | void> {
  return useCall((tollgate, options: PasskeyLogin | void) => tollgate.passkeys.login(options ?? undefined));
}

/** Creates an account, and signs in. */
export function useSignUp(): UseMutationResult<SignedInUser, TollgateError, SignUp> {
  return useCall((tollgate, values: SignUp) => tollgate.signUp(values));
}

/** Creates an account, and does not sign in. */
export function useRegister(): UseMutationResult<User, TollgateError, Registration> {
  return useCall((tollgate, values: Registration) => tollgate.register(values));
}

export function useLogout(): UseMutationResult<void, TollgateError, void> {
  return useCall((tollgate) => tollgate.logout());
}
