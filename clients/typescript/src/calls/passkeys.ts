import { isTollgateError } from "../errors/error.js";
import { data, unwrap } from "../errors/response.js";
import { ceremonies } from "../passkeys/support.js";
import type { Passkey, SignedInUser } from "../types.js";
import { type Api, byId } from "./api.js";
import { type Confirmation, confirmed } from "./confirmation.js";

export interface PasskeyLogin {
  /** A function is called once a passkey was chosen. */
  staySignedIn?: boolean | (() => boolean) | undefined;
  /**
   * With `conditional`, the browser opens no window, but offers passkeys in the field that has
   * `autocomplete="username webauthn"`, until the call is aborted or another one asks for a passkey.
   */
  mediation?: "conditional" | undefined;
  signal?: AbortSignal | undefined;
}

export interface NewPasskey extends Confirmation {
  /** By default, that of the authenticator. */
  name?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface PasskeyCalls {
  /** Logs in with a passkey that the browser asks for: without a username, and without a second step. */
  login(options?: PasskeyLogin): Promise<SignedInUser>;
  /** The oldest first. */
  list(): Promise<Passkey[]>;
  /** Lets the browser create a passkey. Logins with the password then need a second factor. */
  add(values?: NewPasskey): Promise<Passkey>;
  rename(id: number, name: string): Promise<Passkey>;
  /** Tells browsers that can be told, so that they no longer offer it. */
  remove(id: number, confirmation?: Confirmation): Promise<void>;
}

export function passkeyCalls(api: Api, refresh: () => Promise<void>): PasskeyCalls {
  const loginOptions = async () => (await data(api.POST("/login/passkey/options"))).publicKey;

  return {
    async login({ staySignedIn, mediation, signal } = {}) {
      const { offer, sign, signalUnknown } = await ceremonies();
      const { options, credential } = await (mediation === "conditional" ? offer : sign)(loginOptions, signal);
      const stays = typeof staySignedIn === "function" ? staySignedIn() : staySignedIn;
      try {
        const body = { credential, stay_signed_in: stays ?? false };
        return await data(api.POST("/login/passkey", { body }));
      } catch (error) {
        if (isTollgateError(error, "invalid_credential")) void signalUnknown(options, credential);
        throw error;
      }
    },
    list: () => data(api.GET("/account/passkeys")),
    async add({ name, signal, ...confirmation } = {}) {
      const { create } = await ceremonies();
      const credential = await create(creationOptions(api, confirmation), signal);
      const body = { credential, ...(name !== undefined && { name }), ...confirmed(confirmation) };
      const passkey = await data(api.POST("/account/passkeys", { body }));
      await refresh();
      return passkey;
    },
    rename: (id, name) => data(api.PATCH("/account/passkeys/{id}", { ...byId(id), body: { name } })),
    async remove(id, confirmation) {
      await unwrap(api.DELETE("/account/passkeys/{id}", { ...byId(id), body: confirmed(confirmation) }));
      void tellBrowser(({ signalRemaining }) => signalRemaining(creationOptions(api, confirmation)));
      await refresh();
    },
  };
}

/** Tells the browser the name that its passkeys belong to from now on. */
export function signalUsername(api: Api, confirmation: Confirmation): void {
  void tellBrowser(({ signalUser }) => signalUser(creationOptions(api, confirmation)));
}

/** Best effort: the change itself has succeeded. */
async function tellBrowser(signal: (loaded: Awaited<ReturnType<typeof ceremonies>>) => Promise<void>): Promise<void> {
  await ceremonies().then(signal).catch(() => {});
}

function creationOptions(api: Api, confirmation: Confirmation | undefined) {
  return async () => {
    const body = confirmed(confirmation);
    return (await data(api.POST("/account/passkeys/options", { body }))).publicKey;
  };
}
