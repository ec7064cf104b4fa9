import createClient from "openapi-fetch";

import { answered } from "./answer.js";
import { TollgateError } from "./error.js";
import { nextPage, readsLeft } from "./headers.js";
import type { components, paths } from "./schema.js";
import { whenSignedOut } from "./signed-out.js";
import type { Tollgate, TollgateOptions } from "./tollgate.js";
import type { Device } from "./types.js";

// JSON leaves out what is `undefined`, which the generated types do not know.
type Body<Name extends keyof components["schemas"]> = components["schemas"][Name];

export function createTollgate({ baseUrl = "", fetch, onSignedOut }: TollgateOptions = {}): Tollgate {
  const api = createClient<paths>({ baseUrl, credentials: "include", ...(fetch && { fetch }) });
  if (onSignedOut) api.use(whenSignedOut(onSignedOut));

  return {
    api,

    async checkSession() {
      try {
        return (await answered(api.GET("/check_session"))).data;
      } catch (error) {
        if (error instanceof TollgateError && error.status === 401) return null;
        throw error;
      }
    },
    async register(values) {
      return (await answered(api.POST("/register", { body: values as Body<"Registration"> }))).data;
    },
    async login(values) {
      return (await answered(api.POST("/login", { body: values as Body<"Login"> }))).data;
    },
    async logout() {
      try {
        await answered(api.DELETE("/logout"));
      } catch (error) {
        if (!(error instanceof TollgateError && error.status === 401)) throw error;
      }
    },

    async posts({ limit, before } = {}) {
      const query = { ...(limit !== undefined && { limit }), ...(before !== undefined && { before }) };
      const { data, response } = await answered(api.GET("/blog", { params: { query } }));
      return { posts: data, before: nextPage(response.headers) };
    },
    async post(id) {
      const { data, response } = await answered(api.GET("/blog/{id}", { params: { path: { id } } }));
      return { post: data, reads: readsLeft(response.headers) };
    },
    async meter() {
      return (await answered(api.GET("/meter"))).data;
    },
    async subscription() {
      return (await answered(api.GET("/subscription"))).data;
    },

    async devices() {
      return (await answered(api.GET("/sessions"))).data as Device[];
    },
    async revoke(id, password) {
      await answered(api.DELETE("/sessions/{id}", { params: { path: { id } }, ...withPassword(password) }));
    },
    async revokeOthers(password) {
      await answered(api.DELETE("/sessions", withPassword(password)));
    },

    async updateAccount(values) {
      return (await answered(api.PATCH("/account", { body: values as Body<"AccountChange"> }))).data;
    },
    async changePassword(currentPassword, newPassword) {
      const body = { current_password: currentPassword, new_password: newPassword };
      await answered(api.POST("/account/password", { body }));
    },
    async deleteAccount(password) {
      await answered(api.DELETE("/account", { body: { password } }));
    },
  };
}

function withPassword(password: string | undefined) {
  return password === undefined ? {} : { body: { password } };
}
