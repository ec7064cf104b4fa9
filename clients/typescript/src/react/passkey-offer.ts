import { useEffect, useLayoutEffect, useRef, useState } from "react";

import { isTollgateError, type TollgateError } from "../errors/error.js";
import { supportsPasskeyAutofill } from "../passkeys/support.js";
import { useTollgate } from "./provider.js";

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
  const [error, setError] = useState<TollgateError | null>(null);
  const stays = useRef(staySignedIn);
  useLayoutEffect(() => {
    stays.current = staySignedIn;
  });

  useEffect(() => {
    if (!enabled) return;
    const controller = new AbortController();
    const { signal } = controller;
    const isStaying = () => stays.current?.() ?? false;
    const offer = async (): Promise<void> => {
      setError(null);
      while (!signal.aborted) {
        try {
          await tollgate.passkeys.login({ mediation: "conditional", staySignedIn: isStaying, signal });
          return;
        } catch (cause) {
          if (!isTollgateError(cause)) throw cause;
          if (cause.code === "passkey_cancelled" || cause.code === "passkey_failed") return;
          setError(cause);
          if (!OTHERS_MAY_WORK.includes(cause.code)) return;
        }
      }
    };
    void supportsPasskeyAutofill().then((isSupported) => (isSupported ? offer() : undefined));
    return () => controller.abort();
  }, [enabled, tollgate]);
  return error;
}

const OTHERS_MAY_WORK: readonly string[] = ["invalid_credential", "login_expired"];
