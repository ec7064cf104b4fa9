import { useQuery } from "@tanstack/react-query";
import type { Subscription, TollgateError } from "@tollgate/client";
import { useTollgate } from "@tollgate/client/react";

export function useSubscription() {
  const tollgate = useTollgate();
  return useQuery<Subscription, TollgateError>({
    queryKey: ["tollgate", "subscription"],
    queryFn: () => tollgate.subscription(),
  });
}
