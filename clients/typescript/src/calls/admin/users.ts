// What admins do for one user.
import { data, unwrap } from "../../errors/response.js";
import type { AccountExport, ApiToken, ListedUser, Session, UserDetails, UserEvent, UserMeter } from "../../types.js";
import { type Api, type Body, byId, type Page, page, type PageOptions, query } from "../api.js";
import { type Arguments, snakeCased } from "../arguments.js";

export type UserChange = Arguments<Body<"UserChange">>;

export interface UserSearch extends PageOptions {
  /** The start of a name or an address. */
  query?: string | undefined;
  role?: Body<"Role"> | undefined;
  status?: "active" | "disabled" | undefined;
}

export interface UserCalls {
  /** Newest first: all users, or those that match. */
  list(search?: UserSearch): Promise<Page<ListedUser>>;
  get(id: number): Promise<UserDetails>;
  /** Changes the role, the name, the address, or whether the user may sign in. Fails with `last_admin` if no admin would be left. */
  update(id: number, change: UserChange): Promise<UserDetails>;
  /** Deletes the user and everything that belongs to the account. */
  remove(id: number): Promise<void>;
  /** The last used first. */
  sessions(id: number): Promise<Session[]>;
  /** Signs the user out everywhere. */
  endSessions(id: number): Promise<void>;
  /** For a user who has lost them. */
  removeSecondFactors(id: number): Promise<void>;
  /** Forgets the wrong passwords and codes of the account. */
  unlock(id: number): Promise<void>;
  /** Newest first. */
  audit(id: number, options?: PageOptions): Promise<Page<UserEvent>>;
  /** Everything that is stored about the user. */
  export(id: number): Promise<AccountExport>;
  /** Sets what is used of this period: a lower number gives extra reads. */
  setMeter(id: number, used: number): Promise<UserMeter>;
  /** Mails a link to choose a new password. Fails with `no_email` without a verified address. */
  sendPasswordReset(id: number): Promise<void>;
  /** The user's API tokens, newest first. */
  tokens(id: number): Promise<ApiToken[]>;
  /** Deletes one of the user's API tokens, or all. */
  removeTokens(id: number, token?: number): Promise<void>;
}

export function userCalls(api: Api): UserCalls {
  return {
    list: async (search = {}) => page(await unwrap(api.GET("/users", query(search)))),
    get: (id) => data(api.GET("/users/{id}", byId(id))),
    async update(id, change) {
      const body = snakeCased<Body<"UserChange">>(change);
      return await data(api.PATCH("/users/{id}", { ...byId(id), body }));
    },
    remove: (id) => data(api.DELETE("/users/{id}", byId(id))),
    async sessions(id) {
      return (await data(api.GET("/users/{id}/sessions", byId(id)))) as Session[];
    },
    endSessions: (id) => data(api.DELETE("/users/{id}/sessions", byId(id))),
    removeSecondFactors: (id) => data(api.DELETE("/users/{id}/second-factors", byId(id))),
    unlock: (id) => data(api.DELETE("/users/{id}/lockout", byId(id))),
    async audit(id, options = {}) {
      const params = { ...byId(id).params, ...query(options).params };
      const { data, response } = await unwrap(api.GET("/users/{id}/audit", { params }));
      return page({ data: data as UserEvent[], response });
    },
    export: (id) => data(api.GET("/users/{id}/export", byId(id))),
    setMeter: (id, used) => data(api.PUT("/users/{id}/meter", { ...byId(id), body: { used } })),
    async sendPasswordReset(id) {
      await unwrap(api.POST("/users/{id}/password-reset", byId(id)));
    },
    tokens: (id) => data(api.GET("/users/{id}/tokens", byId(id))),
    async removeTokens(id, token) {
      if (token === undefined) await unwrap(api.DELETE("/users/{id}/tokens", byId(id)));
      else await unwrap(api.DELETE("/users/{id}/tokens/{token}", { params: { path: { id, token } } }));
    },
  };
}
