import { data, unwrap } from "../errors/response.js";
import { ceremonies } from "../passkeys/support.js";
import type { CompletedLogin, TotpEnrolment } from "../types.js";
import type { Api, Body } from "./api.js";
import { type Arguments, snakeCased } from "./arguments.js";
import { type Confirmation, confirmed } from "./confirmation.js";

/** A code proves the second factor, or a passkey that the browser asks for. */
export type SecondFactor = CodeStep | PasskeyStep;

/** For 30 days, `trustBrowser` spares the logins of this browser the second step. */
export type CodeStep = Omit<Arguments<Body<"SecondStep">>, "method" | "code" | "credential"> & {
  method: Body<"CodeMethod">;
  code: string;
};

export interface PasskeyStep {
  method: "passkey";
  trustBrowser?: boolean | null | undefined;
  /** Closes the browser's window. */
  signal?: AbortSignal | undefined;
}

export interface SecondFactorCalls {
  /**
   * Completes a login that has failed with `second_factor_required`. Fails with `login_expired` if it was started too long
   * ago.
   */
  login(step: SecondFactor): Promise<CompletedLogin>;
  /** Returns new recovery codes. The old ones stop working. */
  replaceRecoveryCodes(confirmation?: Confirmation): Promise<string[]>;
  /** Logins of every browser need the second factor again. */
  forgetTrustedBrowsers(): Promise<void>;
}

export interface TotpCalls {
  /** Returns a seed for an authenticator app, which `confirm` makes a second factor. */
  start(confirmation?: Confirmation): Promise<TotpEnrolment>;
  /** Takes the first code of the app. Returns the recovery codes, which are not shown again. */
  confirm(code: string): Promise<string[]>;
  remove(confirmation?: Confirmation): Promise<void>;
}

export function secondFactorCalls(api: Api): SecondFactorCalls {
  const passkeyOptions = async () => (await data(api.POST("/login/second-factor/passkey/options"))).publicKey;

  async function toBody(step: SecondFactor): Promise<Body<"SecondStep">> {
    if (step.method !== "passkey") return snakeCased<Body<"SecondStep">>(step as Arguments<Body<"SecondStep">>);
    const { sign } = await ceremonies();
    const { credential } = await sign(passkeyOptions, step.signal);
    return { method: step.method, credential, trust_browser: step.trustBrowser ?? false };
  }

  return {
    login: async (step) => data(api.POST("/login/second-factor", { body: await toBody(step) })),
    async replaceRecoveryCodes(confirmation) {
      const body = confirmed(confirmation);
      return (await data(api.POST("/account/recovery-codes", { body }))).recovery_codes;
    },
    forgetTrustedBrowsers: () => data(api.DELETE("/account/trusted-browsers")),
  };
}

export function totpCalls(api: Api, refresh: () => Promise<void>): TotpCalls {
  return {
    start: (confirmation) => data(api.POST("/account/totp", { body: confirmed(confirmation) })),
    async confirm(code) {
      const { recovery_codes } = await data(api.POST("/account/totp/confirm", { body: { code } }));
      await refresh();
      return recovery_codes;
    },
    async remove(confirmation) {
      await unwrap(api.DELETE("/account/totp", { body: confirmed(confirmation) }));
      await refresh();
    },
  };
}
