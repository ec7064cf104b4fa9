import { data, unwrap } from "../errors/response.js";
import type { AccountEvent, AccountExport, Read, Subscription, User } from "../types.js";
import { type Api, type Body, type Page, page, type PageOptions, query } from "./api.js";
import { type Arguments, snakeCased } from "./arguments.js";
import { type Confirmation, confirmed, confirmedByPassword } from "./confirmation.js";
import { signalUsername } from "./passkeys.js";

/** The password is only needed if the session is not fresh. */
export type AccountChange = Omit<Arguments<Body<"AccountChange">>, keyof Confirmation> & Confirmation;

export interface PasswordChange extends Confirmation {
  newPassword: string;
  /** Whether the user's API tokens are deleted as well. */
  deleteTokens?: boolean | undefined;
}

export interface AccountCalls {
  /** If the server sends email, a new address waits in `pending_email` until it is verified. */
  update(values: AccountChange): Promise<User>;
  /**
   * Signs out all other devices. Users who have a password must send it, or a code. Returns the new token of an app's
   * session, which needs a new client; null in a browser.
   */
  changePassword(values: PasswordChange): Promise<string | null>;
  /** Users who have a password must send it, or a code. */
  delete(confirmation?: Confirmation): Promise<void>;
  /**
   * "This wasn't me", with the token of the link in a notice: restores the address, ends all sessions, and sends a link to
   * choose a new password.
   */
  secure(token: string): Promise<void>;
  /** Mails a code that takes the place of the password in one call, for users who sign in by email. */
  requestConfirmation(): Promise<void>;
  subscription(): Promise<Subscription>;
  /** The reads of the current period, newest first. */
  reads(options?: PageOptions): Promise<Page<Read>>;
  /** The last 100 events, newest first. */
  audit(): Promise<AccountEvent[]>;
  /** Everything that is stored about the user. */
  export(): Promise<AccountExport>;
}

export function accountCalls(api: Api, refresh: () => Promise<void>): AccountCalls {
  return {
    async update(values) {
      const user = await data(api.PATCH("/account", { body: snakeCased<Body<"AccountChange">>(values) }));
      if (values.username && user.second_factors.includes("passkey")) signalUsername(api, values);
      return user;
    },
    async changePassword({ newPassword, deleteTokens = false, ...confirmation }) {
      const body = { ...confirmed(confirmation), new_password: newPassword, delete_tokens: deleteTokens };
      const token = (await data(api.POST("/account/password", { body })))?.session_token ?? null;
      // The token of an app's session has been replaced.
      if (token === null) await refresh();
      return token;
    },
    delete: (confirmation) => data(api.DELETE("/account", { body: confirmedByPassword(confirmation) })),
    async secure(token) {
      await unwrap(api.POST("/account/secure", { body: { token } }));
      await refresh();
    },
    async requestConfirmation() {
      await unwrap(api.POST("/account/confirmation"));
    },
    subscription: () => data(api.GET("/subscription")),
    reads: async (options = {}) => page(await unwrap(api.GET("/reads", query(options)))),
    async audit() {
      return (await data(api.GET("/account/audit"))) as AccountEvent[];
    },
    export: () => data(api.GET("/account/export")),
  };
}
