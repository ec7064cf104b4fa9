import { currentPassword } from "../confirmation.js";
import { TollgateError } from "../error.js";
import { unwrap } from "../response.js";
import type { components } from "../schema.js";
import type { Tollgate } from "../tollgate.js";
import type { Confirmation, PasskeyStep } from "../types.js";
import { create, offer, sign } from "./browser.js";
import { signalRemaining, signalUnknown, signalUser } from "./signals.js";

type Body<Name extends keyof components["schemas"]> = components["schemas"][Name];
type Calls = "passkeys" | "addPasskey" | "renamePasskey" | "deletePasskey" | "loginPasskey";

export interface PasskeyCalls extends Pick<Tollgate, Calls> {
  secondStep(step: PasskeyStep): Promise<Body<"SecondStep">>;
  /** After the username was changed. */
  signalUser(password: Confirmation | undefined): void;
}

export function passkeyCalls(api: Tollgate["api"]): PasskeyCalls {
  const creationOptions = (password: Confirmation | undefined) => async () => {
    const body = currentPassword(password);
    return (await unwrap(api.POST("/account/passkeys/options", { body }))).data.publicKey;
  };
  const loginOptions = async () => (await unwrap(api.POST("/login/passkey/options"))).data.publicKey;
  const stepOptions = async () => (await unwrap(api.POST("/login/second-factor/passkey/options"))).data.publicKey;

  return {
    async passkeys() {
      return (await unwrap(api.GET("/account/passkeys"))).data;
    },
    async addPasskey({ name, password, signal } = {}) {
      const credential = await create(creationOptions(password), signal);
      const body = { credential, ...(name !== undefined && { name }), ...currentPassword(password) };
      return (await unwrap(api.POST("/account/passkeys", { body }))).data;
    },
    async renamePasskey(id, name) {
      return (await unwrap(api.PATCH("/account/passkeys/{id}", { params: { path: { id } }, body: { name } }))).data;
    },
    async deletePasskey(id, password) {
      const body = currentPassword(password);
      await unwrap(api.DELETE("/account/passkeys/{id}", { params: { path: { id } }, body }));
      void signalRemaining(creationOptions(password));
    },
    async loginPasskey({ stay_signed_in, mediation, signal } = {}) {
      const { options, credential } = await (mediation === "conditional" ? offer : sign)(loginOptions, signal);
      const stays = typeof stay_signed_in === "function" ? stay_signed_in() : stay_signed_in;
      try {
        const body = { credential, stay_signed_in: stays ?? false };
        return (await unwrap(api.POST("/login/passkey", { body }))).data;
      } catch (error) {
        if (error instanceof TollgateError && error.code === "invalid_credential") void signalUnknown(options, credential);
        throw error;
      }
    },
    async secondStep({ method, trust_browser, signal }) {
      const { credential } = await sign(stepOptions, signal);
      return { method, credential, trust_browser: trust_browser ?? false };
    },
    signalUser(password) {
      void signalUser(creationOptions(password));
    },
  };
}
