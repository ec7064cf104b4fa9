import {
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";

import type { TollgateError } from "../error.js";
import type { Login, Registration, SignedInUser, User } from "../types.js";
import { useTollgate } from "./provider.js";
import { retry } from "./retry.js";
import { changeSession, sessionKey } from "./session-data.js";

export { sessionKey };

/** A page asks in many places; once a minute is enough, as any refused request ends the session here too. */
const CHECKED_FOR = 60_000;

/** `data` is undefined until it is known, and null where nobody is signed in. */
export function useSession(): UseQueryResult<SignedInUser | null, TollgateError> {
  const tollgate = useTollgate();
  return useQuery({ queryKey: sessionKey, queryFn: () => tollgate.checkSession(), staleTime: CHECKED_FOR, retry });
}

export function useLogin(): UseMutationResult<SignedInUser, TollgateError, Login> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (values: Login) => tollgate.login(values),
    onSuccess: (user) => changeSession(queryClient, user),
  });
}

/** Opens no session: log in next. */
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
