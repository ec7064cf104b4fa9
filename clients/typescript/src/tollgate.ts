import type { Client } from "openapi-fetch";

import type { paths } from "./schema.js";
import type {
  AccountChange,
  Device,
  Login,
  Meter,
  PostsPage,
  ReadPost,
  Registration,
  SignedInUser,
  Subscription,
  User,
} from "./types.js";

export interface TollgateOptions {
  /** Where the server is; left out, it is the page's own origin. */
  baseUrl?: string | undefined;
  fetch?: typeof fetch | undefined;
  /** The session has ended in mid-use: a request was answered 401 `login_required`. */
  onSignedOut?: (() => void) | undefined;
}

/** All methods throw a `TollgateError`. */
export interface Tollgate {
  /** Every path of openapi.yaml, typed. Answers `{ data, error, response }` and throws no refusal. */
  api: Client<paths>;
  /** Null where nobody is signed in. */
  checkSession(): Promise<SignedInUser | null>;
  register(values: Registration): Promise<User>;
  login(values: Login): Promise<SignedInUser>;
  /** Also where the session is over already. */
  logout(): Promise<void>;
  posts(options?: { limit?: number | undefined; before?: number | undefined }): Promise<PostsPage>;
  /** Costs a read. */
  post(id: number): Promise<ReadPost>;
  meter(): Promise<Meter>;
  subscription(): Promise<Subscription>;
  devices(): Promise<Device[]>;
  /** The password is asked for where the session is not fresh: `fresh_login_required`. */
  revoke(id: number, password?: string): Promise<void>;
  revokeOthers(password?: string): Promise<void>;
  updateAccount(values: AccountChange): Promise<User>;
  changePassword(currentPassword: string, newPassword: string): Promise<void>;
  deleteAccount(password: string): Promise<void>;
}
