import { data } from "../errors/response.js";
import type { ApiToken, CreatedApiToken } from "../types.js";
import { type Api, type Body, byId } from "./api.js";
import { type Arguments, snakeCased } from "./arguments.js";

export type ApiTokenRequest = Arguments<Body<"ApiTokenRequest">>;

export interface TokenCalls {
  /** The user's API tokens, newest first. */
  list(): Promise<ApiToken[]>;
  /** The text of the token is not shown again. The password is only needed if the session is not fresh. */
  create(values: ApiTokenRequest): Promise<CreatedApiToken>;
  remove(id: number): Promise<void>;
}

export function tokenCalls(api: Api): TokenCalls {
  return {
    list: () => data(api.GET("/account/tokens")),
    create: (values) => data(api.POST("/account/tokens", { body: snakeCased<Body<"ApiTokenRequest">>(values) })),
    remove: (id) => data(api.DELETE("/account/tokens/{id}", byId(id))),
  };
}
