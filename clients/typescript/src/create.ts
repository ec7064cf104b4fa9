import createClient from "openapi-fetch";

import { accountCalls } from "./calls/account.js";
import { adminCalls } from "./calls/admin/admin.js";
import type { JsonMedia } from "./calls/api.js";
import { emailCalls, passwordCalls } from "./calls/email.js";
import { giftCalls } from "./calls/gifts.js";
import { identityCalls } from "./calls/identities.js";
import { passkeyCalls } from "./calls/passkeys.js";
import { postCalls } from "./calls/posts.js";
import { secondFactorCalls, totpCalls } from "./calls/second-factors.js";
import { sessionCalls } from "./calls/sessions.js";
import { signInCalls } from "./calls/sign-in.js";
import { tokenCalls } from "./calls/tokens.js";
import { isTollgateError } from "./errors/error.js";
import type { paths } from "./schema.js";
import { shareWithTabs } from "./session/tabs.js";
import { SessionTracker } from "./session/tracker.js";
import type { Tollgate, TollgateOptions } from "./tollgate.js";

export function createTollgate(options: TollgateOptions = {}): Tollgate {
  const { baseUrl = "", fetch, token, onSignedOut, initialUser } = options;
  const authentication = token === undefined ? ({ credentials: "include" } as const) : bearer(token);
  const api = createClient<paths, JsonMedia>({ baseUrl, ...authentication, ...(fetch && { fetch }) });
  const tracker = new SessionTracker(initialUser);
  api.use(tracker.middleware);
  if (onSignedOut) tracker.state.onSignedOut(onSignedOut);
  const isBrowser = typeof window !== "undefined";
  if (options.shareWithTabs ?? (isBrowser && token === undefined)) shareWithTabs(tracker, baseUrl);

  const signIn = signInCalls(api);
  /** After a change to the user, whom the response does not have. */
  const refresh = async () => {
    if (!tracker.state.get()) return;
    await signIn.checkSession().catch((error: unknown) => {
      // The change itself has succeeded.
      if (!isTollgateError(error)) throw error;
    });
  };

  return {
    api,
    session: tracker.state,
    ...signIn,
    posts: postCalls(api),
    gifts: giftCalls(api),
    sessions: sessionCalls(api),
    account: accountCalls(api, refresh),
    email: emailCalls(api, refresh),
    password: passwordCalls(api, refresh),
    secondFactors: secondFactorCalls(api),
    totp: totpCalls(api, refresh),
    passkeys: passkeyCalls(api, refresh),
    identities: identityCalls(api, baseUrl),
    tokens: tokenCalls(api),
    admin: adminCalls(api),
  };
}

/** Cookies would be ignored beside the token. */
function bearer(token: string) {
  return { credentials: "omit", headers: { Authorization: `Bearer ${token}` } } as const;
}
