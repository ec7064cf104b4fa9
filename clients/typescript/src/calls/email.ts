// What the links and codes of messages are for.
import { data, unwrap } from "../errors/response.js";
import type { SignedInUser } from "../types.js";
import type { Api, Body } from "./api.js";
import { type Arguments, snakeCased } from "./arguments.js";

export type EmailRequest = Arguments<Body<"EmailRequest">>;

/** What was in a message to sign in with. */
export type EmailLogin = { token: string; transport?: Body<"Transport"> | undefined } | EmailCode;

export interface EmailCode {
  email: string;
  code: string;
  /** With `bearer`, for an app without cookies, the `request_token` of the request is required. */
  transport?: Body<"Transport"> | undefined;
  requestToken?: string | null | undefined;
}

export interface PasswordReset {
  /** The token of the link in the message. */
  token: string;
  newPassword: string;
}

export interface EmailCalls {
  /**
   * Sends a link and a code to sign in with. Succeeds for any address. With `transport: "bearer"`, the result has the
   * `request_token` that the code needs.
   */
  requestLogin(values: EmailRequest): Promise<{ request_token?: string }>;
  /**
   * Logs in with the `token` of the link, or with `email` and `code` in the browser that asked. Fails like `login` if the user
   * has a second factor, and with `invalid_token` or `incorrect_code`.
   */
  login(values: EmailLogin): Promise<SignedInUser>;
  /** Sends the message again that asks to verify the address. */
  resendVerification(): Promise<void>;
  /** Takes the token of the link in that message. */
  verify(token: string): Promise<void>;
}

export interface PasswordCalls {
  /** Sends a link to reset the password. Succeeds for any address, but only a verified one receives a message. */
  requestReset(email: string): Promise<void>;
  /** Ends all sessions of the user, and does not sign in. */
  reset(values: PasswordReset): Promise<void>;
}

export function emailCalls(api: Api, refresh: () => Promise<void>): EmailCalls {
  return {
    requestLogin: (values) => data(api.POST("/login/email", { body: snakeCased<Body<"EmailRequest">>(values) })),
    async login(values) {
      const body = snakeCased<object>(values) as Body<"EmailLogin">;
      return await data(api.POST("/login/email/confirm", { body }));
    },
    async resendVerification() {
      await unwrap(api.POST("/account/email/verification"));
    },
    async verify(token) {
      await unwrap(api.POST("/email/verify", { body: { token } }));
      await refresh();
    },
  };
}

export function passwordCalls(api: Api, refresh: () => Promise<void>): PasswordCalls {
  return {
    async requestReset(email) {
      await unwrap(api.POST("/password/forgot", { body: { email } }));
    },
    async reset({ token, newPassword }) {
      await unwrap(api.POST("/password/reset", { body: { token, new_password: newPassword } }));
      await refresh();
    },
  };
}
