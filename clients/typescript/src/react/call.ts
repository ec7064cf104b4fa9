import { type QueryKey, useMutation, type UseMutationResult, useQueryClient } from "@tanstack/react-query";

import type { TollgateError } from "../errors/error.js";
import type { Tollgate } from "../tollgate.js";
import { useTollgate } from "./provider.js";

interface Options {
  /** The query whose data changes. It is fetched again after errors as well: something may have been changed elsewhere. */
  changes?: ((tollgate: Tollgate) => { queryKey: QueryKey }) | undefined;
  /** Seeds, recovery codes and the texts of tokens do not stay in the cache. */
  isSecret?: boolean | undefined;
}

/** A call of the client as a mutation. */
export function useCall<Data, Values = void>(
  call: (tollgate: Tollgate, values: Values) => Promise<Data>,
  { changes, isSecret }: Options = {},
): UseMutationResult<Data, TollgateError, Values> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (values: Values) => call(tollgate, values),
    ...(isSecret && { gcTime: 0 }),
    ...(changes && { onSettled: () => queryClient.invalidateQueries({ queryKey: changes(tollgate).queryKey }) }),
  });
}

/** For what has changed elsewhere. If this fails, the next response tells. */
export async function checkAgain(tollgate: Tollgate): Promise<void> {
  await tollgate.checkSession().catch(() => {});
}
