import {
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";

import type { TollgateError } from "../error.js";
import type { Device } from "../types.js";
import { useTollgate } from "./provider.js";
import { retry } from "./retry.js";

export const devicesKey = ["tollgate", "devices"] as const;

export interface Revocation {
  id: number | "others";
  password?: string | undefined;
}

export function useDevices(): UseQueryResult<Device[], TollgateError> {
  const tollgate = useTollgate();
  return useQuery({ queryKey: devicesKey, queryFn: () => tollgate.devices(), retry });
}

export function useRevoke(): UseMutationResult<void, TollgateError, Revocation> {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, password }: Revocation) =>
      id === "others" ? tollgate.revokeOthers(password) : tollgate.revoke(id, password),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: devicesKey }),
  });
}
