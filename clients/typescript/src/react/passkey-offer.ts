import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useRef, useState } from "react";

import { TollgateError } from "../error.js";
import { supportsPasskeyAutofill } from "../passkeys/browser.js";
import { useTollgate } from "./provider.js";
import { changeSession } from "./session-data.js";

export interface PasskeyOffer {
  /** Turn it off while `usePasskeyLogin` is pending, and in the second step. */
  enabled?: boolean | undefined;
  /** Called once a passkey was chosen. */
  staySignedIn?: (() => boolean) | undefined;
}

/**
 * While it is used and `enabled`, browsers offer passkeys in the field that has `autocomplete="username webauthn"`, and the
 * chosen one logs in. Returns why the last one was refused.
 */
export function usePasskeyOffer({ enabled = true, staySignedIn }: PasskeyOffer = {}): TollgateError | null {
  const tollgate = useTollgate();
  const queryClient = useQueryClient();
  const [error, setError] = useState<TollgateError | null>(null);
  const stays = useRef(staySignedIn);
  useLayoutEffect(() => {
    stays.current = staySignedIn;
  });

  useEffect(() => {
    if (!enabled) return;
    const controller = new AbortController();
    const { signal } = controller;
    const stay_signed_in = () => stays.current?.() ?? false;
    const offer = async (): Promise<void> => {
      setError(null);
      while (!signal.aborted) {
        try {
          const user = await tollgate.loginPasskey({ mediation: "conditional", stay_signed_in, signal });
          return await changeSession(queryClient, user);
        } catch (cause) {
          if (!(cause instanceof TollgateError)) throw cause;
          if (cause.code === "passkey_cancelled" || cause.code === "passkey_failed") return;
          setError(cause);
          if (!OTHERS_MAY_WORK.includes(cause.code)) return;
        }
      }
    };
    void supportsPasskeyAutofill().then((isSupported) => (isSupported ? offer() : undefined));
    return () => controller.abort();
  }, [enabled, tollgate, queryClient]);
  return error;
}

const OTHERS_MAY_WORK: readonly string[] = ["invalid_credential", "login_expired"];
