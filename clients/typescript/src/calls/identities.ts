// Signing in with an OpenID Connect provider, such as Google.
import { data, unwrap } from "../errors/response.js";
import type { LinkedIdentity, LoginProvider } from "../types.js";
import type { Api } from "./api.js";
import { type Confirmation, confirmed } from "./confirmation.js";

export interface ProviderLogin {
  /** Where the browser comes back to: a path of the server's site, or a page of an origin that may call it. */
  next?: string | undefined;
  staySignedIn?: boolean | undefined;
}

export interface IdentityLink extends Confirmation {
  /** Where the browser comes back to; by default `/account` of the server. */
  next?: string | undefined;
}

export interface IdentityCalls {
  /** Where the link or button of a provider (`loginMethods`) leads. The browser goes there itself: it is not to be fetched. */
  loginUrl(provider: LoginProvider, options?: ProviderLogin): string;
  /** The accounts of providers that the user signs in with, the oldest first. */
  list(): Promise<LinkedIdentity[]>;
  /** Returns where to send this browser to link an account of the provider. Fails with `provider_unavailable`. */
  link(provider: string, options?: IdentityLink): Promise<string>;
  /** Fails with `last_credential` if the user could not sign in any more. */
  unlink(id: number, confirmation?: Confirmation): Promise<void>;
}

export function identityCalls(api: Api, baseUrl: string): IdentityCalls {
  const named = (identity: string) => ({ params: { path: { identity } } });

  return {
    loginUrl({ url }, { next, staySignedIn } = {}) {
      const query = new URLSearchParams();
      if (next !== undefined) query.set("next", next);
      if (staySignedIn) query.set("stay_signed_in", "true");
      return `${baseUrl.replace(/\/$/, "")}${url}${query.size > 0 ? `?${query}` : ""}`;
    },
    list: () => data(api.GET("/account/identities")),
    async link(provider, { next, ...confirmation } = {}) {
      const body = { ...confirmed(confirmation), ...(next !== undefined && { next }) };
      return (await data(api.POST("/account/identities/{identity}", { ...named(provider), body }))).url;
    },
    async unlink(id, confirmation) {
      const body = confirmed(confirmation);
      await unwrap(api.DELETE("/account/identities/{identity}", { ...named(String(id)), body }));
    },
  };
}
