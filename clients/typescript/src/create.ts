import createClient from "openapi-fetch";

import { adminCalls } from "./admin.js";
import { TollgateError } from "./error.js";
import { nextPage, readsLeft } from "./headers.js";
import { passkeyCalls } from "./passkeys/calls.js";
import { unwrap } from "./response.js";
import type { components, paths } from "./schema.js";
import { SessionTracker } from "./session-tracker.js";
import type { JsonMedia, PageOptions, Tollgate, TollgateOptions } from "./tollgate.js";
import { confirmationCode, currentPassword } from "./confirmation.js";
import type { Confirmation, Device, SignedInUser, User } from "./types.js";

// JSON omits `undefined`, which the generated types do not allow.
type Body<Name extends keyof components["schemas"]> = components["schemas"][Name];

export function createTollgate({ baseUrl = "", fetch, token, onSignedOut }: TollgateOptions = {}): Tollgate {
  const authentication = token === undefined ? ({ credentials: "include" } as const) : bearer(token);
  const api = createClient<paths, JsonMedia>({ baseUrl, ...authentication, ...(fetch && { fetch }) });
  const tracker = new SessionTracker();
  // A token opens no session.
  if (token === undefined) api.use(tracker.middleware);
  if (onSignedOut) tracker.subscribe(onSignedOut);
  const { secondStep, signalUser, ...passkeys } = passkeyCalls(api);

  return {
    api,
    get signOutReason() {
      return tracker.reason;
    },
    onSignedOut: tracker.subscribe,

    async checkSession() {
      return nullIfUnauthorized(async () => (await unwrap(api.GET("/check_session"))).data as SignedInUser);
    },
    async register(values) {
      // Only an address alone is answered otherwise, and `requestEmailLogin` is for that.
      return (await unwrap(api.POST("/register", { body: values as Body<"Registration"> }))).data as User;
    },
    async loginMethods() {
      return (await unwrap(api.GET("/login/methods"))).data;
    },
    providerLoginUrl({ url }, { next, stay_signed_in } = {}) {
      const query = new URLSearchParams();
      if (next !== undefined) query.set("next", next);
      if (stay_signed_in) query.set("stay_signed_in", "true");
      return `${baseUrl.replace(/\/$/, "")}${url}${query.size > 0 ? `?${query}` : ""}`;
    },
    async login(values) {
      return (await unwrap(api.POST("/login", { body: values as Body<"Login"> }))).data;
    },
    async requestEmailLogin(values) {
      return (await unwrap(api.POST("/login/email", { body: values as Body<"EmailRequest"> }))).data;
    },
    async confirmEmailLogin(values) {
      return (await unwrap(api.POST("/login/email/confirm", { body: values as Body<"EmailLogin"> }))).data;
    },
    async loginSecondFactor(values) {
      const body = values.method === "passkey" ? await secondStep(values) : (values as Body<"SecondStep">);
      return (await unwrap(api.POST("/login/second-factor", { body }))).data;
    },
    async logout() {
      await nullIfUnauthorized(() => unwrap(api.DELETE("/logout")));
    },

    async posts(options) {
      const { data, response } = await unwrap(api.GET("/blog", { params: { query: pageQuery(options) } }));
      return { posts: data, before: nextPage(response.headers) };
    },
    async post(id, gift) {
      const query = gift === undefined ? {} : { query: { gift } };
      const { data, response } = await unwrap(api.GET("/blog/{id}", { params: { path: { id }, ...query } }));
      return { post: data, readsLeft: readsLeft(response.headers) };
    },
    async createPost(values) {
      return (await unwrap(api.POST("/blog", { body: values as Body<"PostDraft"> }))).data;
    },
    async updatePost(id, change) {
      const body = change as Body<"PostChange">;
      return (await unwrap(api.PATCH("/blog/{id}", { params: { path: { id } }, body }))).data;
    },
    async replacePost(id, values) {
      const body = values as Body<"PostDraft">;
      return (await unwrap(api.PUT("/blog/{id}", { params: { path: { id } }, body }))).data;
    },
    async deletePost(id) {
      await unwrap(api.DELETE("/blog/{id}", { params: { path: { id } } }));
    },
    async uploadMedia(file) {
      const headers = { "Content-Type": file.type || "application/octet-stream" };
      // The generator has no type for binary data.
      const raw = { body: file as unknown as string, bodySerializer: (body: unknown) => body as Blob, headers };
      return (await unwrap(api.POST("/media", raw))).data.url;
    },
    async meter() {
      return (await unwrap(api.GET("/meter"))).data;
    },
    async reads(options) {
      const { data, response } = await unwrap(api.GET("/reads", { params: { query: pageQuery(options) } }));
      return { reads: data, before: nextPage(response.headers) };
    },
    async createGift(postId, values = {}) {
      const body = values as Body<"GiftRequest">;
      return (await unwrap(api.POST("/blog/{id}/gifts", { params: { path: { id: postId } }, body }))).data;
    },
    async gifts() {
      return (await unwrap(api.GET("/gifts"))).data;
    },
    async gift(id) {
      return (await unwrap(api.GET("/gifts/{id}", { params: { path: { id } } }))).data;
    },
    async revokeGift(id) {
      await unwrap(api.DELETE("/gifts/{id}", { params: { path: { id } } }));
    },
    async revokeGifts() {
      await unwrap(api.DELETE("/gifts"));
    },
    async subscription() {
      return (await unwrap(api.GET("/subscription"))).data;
    },

    async devices() {
      return (await unwrap(api.GET("/sessions"))).data as Device[];
    },
    async revoke(id, password) {
      await unwrap(api.DELETE("/sessions/{id}", { params: { path: { id } }, ...withPassword(password) }));
    },
    async revokeOthers(password) {
      await unwrap(api.DELETE("/sessions", withPassword(password)));
    },

    async updateAccount(values) {
      const user = (await unwrap(api.PATCH("/account", { body: values as Body<"AccountChange"> }))).data;
      if (values.username && user.second_factors.includes("passkey")) signalUser(values.current_password ?? undefined);
      return user;
    },
    async changePassword(confirmation, newPassword, { deleteTokens = false } = {}) {
      const body = { ...currentPassword(confirmation), new_password: newPassword, delete_tokens: deleteTokens };
      return (await unwrap(api.POST("/account/password", { body }))).data?.session_token ?? null;
    },
    async deleteAccount(confirmation) {
      await unwrap(api.DELETE("/account", { body: {}, ...withPassword(confirmation) }));
    },

    async tokens() {
      return (await unwrap(api.GET("/account/tokens"))).data;
    },
    async createToken(values) {
      return (await unwrap(api.POST("/account/tokens", { body: values as Body<"ApiTokenRequest"> }))).data;
    },
    async deleteToken(id) {
      await unwrap(api.DELETE("/account/tokens/{id}", { params: { path: { id } } }));
    },

    async startTotp(password) {
      return (await unwrap(api.POST("/account/totp", withCurrentPassword(password)))).data;
    },
    async confirmTotp(code) {
      return (await unwrap(api.POST("/account/totp/confirm", { body: { code } }))).data.recovery_codes;
    },
    async removeTotp(password) {
      await unwrap(api.DELETE("/account/totp", withCurrentPassword(password)));
    },
    async replaceRecoveryCodes(password) {
      return (await unwrap(api.POST("/account/recovery-codes", withCurrentPassword(password)))).data.recovery_codes;
    },
    async identities() {
      return (await unwrap(api.GET("/account/identities"))).data;
    },
    async linkIdentity(provider, { next, password } = {}) {
      const body = { ...currentPassword(password), ...(next !== undefined && { next }) };
      const path = { params: { path: { identity: provider } } };
      return (await unwrap(api.POST("/account/identities/{identity}", { ...path, body }))).data.url;
    },
    async unlinkIdentity(id, password) {
      const path = { params: { path: { identity: String(id) } } };
      await unwrap(api.DELETE("/account/identities/{identity}", { ...path, ...withCurrentPassword(password) }));
    },
    async forgetTrustedBrowsers() {
      await unwrap(api.DELETE("/account/trusted-browsers"));
    },

    ...passkeys,
    admin: adminCalls(api),

    async requestConfirmation() {
      await unwrap(api.POST("/account/confirmation"));
    },
    async resendVerification() {
      await unwrap(api.POST("/account/email/verification"));
    },
    async verifyEmail(token) {
      await unwrap(api.POST("/email/verify", { body: { token } }));
    },
    async forgotPassword(email) {
      await unwrap(api.POST("/password/forgot", { body: { email } }));
    },
    async resetPassword(token, newPassword) {
      await unwrap(api.POST("/password/reset", { body: { token, new_password: newPassword } }));
    },
    async secureAccount(token) {
      await unwrap(api.POST("/account/secure", { body: { token } }));
    },
  };
}

/** Cookies would be ignored beside the token. */
function bearer(token: string) {
  return { credentials: "omit", headers: { Authorization: `Bearer ${token}` } } as const;
}

async function nullIfUnauthorized<Result>(request: () => Promise<Result>): Promise<Result | null> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof TollgateError && error.status === 401) return null;
    throw error;
  }
}

function pageQuery({ limit, before }: PageOptions = {}) {
  return { ...(limit !== undefined && { limit }), ...(before !== undefined && { before }) };
}

function withPassword(confirmation: Confirmation | undefined) {
  if (confirmation === undefined) return {};
  return { body: typeof confirmation === "string" ? { password: confirmation } : confirmationCode(confirmation) };
}

function withCurrentPassword(confirmation: Confirmation | undefined) {
  return confirmation === undefined ? {} : { body: currentPassword(confirmation) };
}
