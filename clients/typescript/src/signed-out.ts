import type { Middleware } from "openapi-fetch";

import { isRefusal } from "./answer.js";

/** Only `login_required` tells it: other answers are 401 too, such as that to a wrong password. */
export function whenSignedOut(listener: () => void): Middleware {
  return {
    async onResponse({ response }) {
      if (response.status !== 401) return;
      const body: unknown = await response.clone().json().catch(() => null);
      if (isRefusal(body) && body.code === "login_required") listener();
    },
  };
}
