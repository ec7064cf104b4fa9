// What admins do. With a session, the grave acts need a fresh one (`fresh_login_required`).
import { nextCursor, nextPage } from "./headers.js";
import { unwrap } from "./response.js";
import type { components } from "./schema.js";
import type { PageOptions, Tollgate } from "./tollgate.js";
import type {
  ApiToken,
  AuditEvent,
  Device,
  EventSearch,
  EventsPage,
  OutboxPage,
  PaymentSearch,
  PaymentsPage,
  PostStatisticsPage,
  PostStatisticsSearch,
  UserChange,
  UserDetails,
  UserEvent,
  UserEventsPage,
  UserExport,
  UserMeter,
  UserSearch,
  UsersPage,
} from "./types.js";

export interface AdminCalls {
  /** Newest first: all users, or those that match. */
  users(search?: UserSearch): Promise<UsersPage>;
  user(id: number): Promise<UserDetails>;
  /** Changes the role, the name, the address, or whether the user may sign in. Fails with `last_admin` if no admin would be left. */
  changeUser(id: number, change: UserChange): Promise<UserDetails>;
  /** Deletes the user and everything that belongs to the account. */
  deleteUser(id: number): Promise<void>;
  /** Signs the user out everywhere. */
  endSessions(id: number): Promise<void>;
  /** For a user who has lost them. */
  removeSecondFactors(id: number): Promise<void>;
  /** Forgets the wrong passwords and codes of the account. */
  unlock(id: number): Promise<void>;
  /** The last used first. */
  sessions(id: number): Promise<Device[]>;
  /** Newest first, with the cursor of the next page. */
  audit(id: number, options?: PageOptions): Promise<UserEventsPage>;
  /** Everything that is stored about the user. */
  export(id: number): Promise<UserExport>;
  /** Sets what is used of this period: a lower number gives extra reads. */
  setMeter(id: number, used: number): Promise<UserMeter>;
  /** Mails a link to choose a new password. Fails with `no_email` without a verified address. */
  sendPasswordReset(id: number): Promise<void>;
  /** The user's API tokens, newest first. */
  tokens(id: number): Promise<ApiToken[]>;
  /** Deletes one of the user's API tokens, or all. */
  deleteTokens(id: number, token?: number): Promise<void>;
  /** Ends all sessions of all users, except this one. */
  endAllSessions(): Promise<void>;
  /** Deletes all API tokens of all users, including the one of this client. */
  deleteAllTokens(): Promise<void>;
  /** The events of all accounts, newest first, with the cursor of the next page. */
  events(search?: EventSearch): Promise<EventsPage>;
  /** Reads, refusals and what followed them, by post and page, with the cursor of the next page. Editors may call this. */
  postStatistics(search?: PostStatisticsSearch): Promise<PostStatisticsPage>;
  /** Messages that wait or could not be delivered, newest first, with the cursor of the next page. */
  outbox(options?: PageOptions): Promise<OutboxPage>;
  /** Delivers a message now. */
  retryMessage(id: number): Promise<void>;
  discardMessage(id: number): Promise<void>;
  /** Payments that belonged to no account when they arrived, newest first, with the cursor of the next page. */
  payments(search?: PaymentSearch): Promise<PaymentsPage>;
  /** Gives a payment, and the subscription that it pays for, to a user. Fails with `already_assigned` if it is another's. */
  assignPayment(id: string, userId: number): Promise<void>;
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
    async sessions(id) {
      return (await unwrap(api.GET("/users/{id}/sessions", of(id)))).data as Device[];
    },
    async audit(id, { limit, before } = {}) {
      const query = { ...(limit !== undefined && { limit }), ...(before !== undefined && { before }) };
      const { data, response } = await unwrap(api.GET("/users/{id}/audit", { params: { path: { id }, query } }));
      return { events: data as UserEvent[], before: nextPage(response.headers) };
    },
    async export(id) {
      return (await unwrap(api.GET("/users/{id}/export", of(id)))).data;
    },
    async setMeter(id, used) {
      return (await unwrap(api.PUT("/users/{id}/meter", { ...of(id), body: { used } }))).data;
    },
    async sendPasswordReset(id) {
      await unwrap(api.POST("/users/{id}/password-reset", of(id)));
    },
    async tokens(id) {
      return (await unwrap(api.GET("/users/{id}/tokens", of(id)))).data;
    },
    async deleteTokens(id, token) {
      if (token === undefined) await unwrap(api.DELETE("/users/{id}/tokens", of(id)));
      else await unwrap(api.DELETE("/users/{id}/tokens/{token}", { params: { path: { id, token } } }));
    },
    async endAllSessions() {
      await unwrap(api.DELETE("/sessions", { params: { query: { all: 1 } } }));
    },
    async deleteAllTokens() {
      await unwrap(api.DELETE("/tokens", { params: { query: { all: 1 } } }));
    },
    async events(search = {}) {
      const query = Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
      const { data, response } = await unwrap(api.GET("/audit", { params: { query } }));
      return { events: data as AuditEvent[], before: nextPage(response.headers) };
    },
    async postStatistics(search = {}) {
      const query = Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
      const { data, response } = await unwrap(api.GET("/stats/posts", { params: { query } }));
      return { posts: data, before: nextPage(response.headers) };
    },
    async outbox({ limit, before } = {}) {
      const query = { ...(limit !== undefined && { limit }), ...(before !== undefined && { before }) };
      const { data, response } = await unwrap(api.GET("/outbox", { params: { query } }));
      return { messages: data, before: nextPage(response.headers) };
    },
    async retryMessage(id) {
      await unwrap(api.POST("/outbox/{id}/retry", of(id)));
    },
    async discardMessage(id) {
      await unwrap(api.DELETE("/outbox/{id}", of(id)));
    },
    async payments({ unmatched, limit, before } = {}) {
      const pages = { ...(limit !== undefined && { limit }), ...(before !== undefined && { before }) };
      const query = { ...(unmatched && { unmatched: 1 as const }), ...pages };
      const { data, response } = await unwrap(api.GET("/payments", { params: { query } }));
      return { payments: data, before: nextCursor(response.headers) };
    },
    async assignPayment(id, userId) {
      await unwrap(api.PUT("/payments/{id}", { params: { path: { id } }, body: { user_id: userId } }));
    },
  };
}
