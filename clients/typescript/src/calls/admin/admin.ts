// What admins do for the whole site. With a session, the grave acts need a fresh one (`fresh_login_required`).
import { data, unwrap } from "../../errors/response.js";
import type { AuditEvent, OutboxMessage, Payment, PostStatistics } from "../../types.js";
import { type Api, type Body, byId, type Page, page, type PageOptions, query, textPage } from "../api.js";
import { type UserCalls, userCalls } from "./users.js";

export interface EventSearch extends PageOptions {
  /** RFC 3339. */
  since?: string | undefined;
  /** RFC 3339. */
  until?: string | undefined;
  /** The name or the id of an admin, or the operating system's user who ran a command. */
  by?: string | undefined;
  event?: Body<"AuditEventType"> | undefined;
}

/** The range of days is in UTC, such as 2026-11-21; the default is 30 days that end today. */
export interface PostStatisticsSearch extends PageOptions {
  from?: string | undefined;
  to?: string | undefined;
}

export interface PaymentSearch extends PageOptions<string> {
  /** Only payments that still belong to no account. */
  unmatched?: boolean | undefined;
}

export interface AdminCalls {
  readonly users: UserCalls;
  readonly outbox: {
    /** Messages that wait or could not be delivered, newest first. */
    list(options?: PageOptions): Promise<Page<OutboxMessage>>;
    /** Delivers a message now. */
    retry(id: number): Promise<void>;
    discard(id: number): Promise<void>;
  };
  readonly payments: {
    /** Payments that belonged to no account when they arrived, newest first. */
    list(search?: PaymentSearch): Promise<Page<Payment, string>>;
    /** Gives a payment, and the subscription that it pays for, to a user. Fails with `already_assigned` if it is another's. */
    assign(id: string, userId: number): Promise<void>;
  };
  /** The events of all accounts, newest first. */
  events(search?: EventSearch): Promise<Page<AuditEvent>>;
  /** Reads, refusals and what followed them, by post and page. Editors may call this. */
  postStatistics(search?: PostStatisticsSearch): Promise<Page<PostStatistics>>;
  /** Ends all sessions of all users, except this one. */
  endAllSessions(): Promise<void>;
  /** Deletes all API tokens of all users, including the one of this client. */
  removeAllTokens(): Promise<void>;
}

export function adminCalls(api: Api): AdminCalls {
  const all = { params: { query: { all: 1 } } } as const;

  return {
    users: userCalls(api),
    outbox: {
      list: async (options = {}) => page(await unwrap(api.GET("/outbox", query(options)))),
      async retry(id) {
        await unwrap(api.POST("/outbox/{id}/retry", byId(id)));
      },
      discard: (id) => data(api.DELETE("/outbox/{id}", byId(id))),
    },
    payments: {
      async list({ unmatched = false, ...options } = {}) {
        const search = { ...(unmatched && { unmatched: 1 as const }), ...options };
        return textPage(await unwrap(api.GET("/payments", query(search))));
      },
      assign: (id, userId) => data(api.PUT("/payments/{id}", { ...byId(id), body: { user_id: userId } })),
    },
    async events(search = {}) {
      const { data, response } = await unwrap(api.GET("/audit", query(search)));
      return page({ data: data as AuditEvent[], response });
    },
    postStatistics: async (search = {}) => page(await unwrap(api.GET("/stats/posts", query(search)))),
    endAllSessions: () => data(api.DELETE("/sessions", all)),
    removeAllTokens: () => data(api.DELETE("/tokens", all)),
  };
}
