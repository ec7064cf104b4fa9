// What admins do. With a session, the grave acts need a fresh one (`fresh_login_required`).
import { nextPage } from "./headers.js";
import { unwrap } from "./response.js";
import type { components } from "./schema.js";
import type { Tollgate } from "./tollgate.js";
import type { UserChange, UserDetails, UserSearch, UsersPage } from "./types.js";

export interface AdminCalls {
  /** Newest first: all users, or those that match. */
  users(search?: UserSearch): Promise<UsersPage>;
  user(id: number): Promise<UserDetails>;
  /** Changes the role, or whether the user may sign in. Fails with `last_admin` if no admin would be left. */
  changeUser(id: number, change: UserChange): Promise<UserDetails>;
  /** Deletes the user and everything that belongs to the account. */
  deleteUser(id: number): Promise<void>;
  /** Signs the user out everywhere. */
  endSessions(id: number): Promise<void>;
  /** For a user who has lost them. */
  removeSecondFactors(id: number): Promise<void>;
  /** Forgets the wrong passwords and codes of the account. */
  unlock(id: number): Promise<void>;
}

export function adminCalls(api: Tollgate["api"]): AdminCalls {
  const of = (id: number) => ({ params: { path: { id } } });

  return {
    async users(search = {}) {
      const query = Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
      const { data, response } = await unwrap(api.GET("/users", { params: { query } }));
      return { users: data, before: nextPage(response.headers) };
    },
    async user(id) {
      return (await unwrap(api.GET("/users/{id}", of(id)))).data;
    },
    async changeUser(id, change) {
      const body = change as components["schemas"]["UserChange"];
      return (await unwrap(api.PATCH("/users/{id}", { ...of(id), body }))).data;
    },
    async deleteUser(id) {
      await unwrap(api.DELETE("/users/{id}", of(id)));
    },
    async endSessions(id) {
      await unwrap(api.DELETE("/users/{id}/sessions", of(id)));
    },
    async removeSecondFactors(id) {
      await unwrap(api.DELETE("/users/{id}/second-factors", of(id)));
    },
    async unlock(id) {
      await unwrap(api.DELETE("/users/{id}/lockout", of(id)));
    },
  };
}
