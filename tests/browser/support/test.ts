import { randomUUID } from "node:crypto";
import { type APIRequestContext, test as base, expect } from "@playwright/test";
import { watchForErrors } from "./errors";

export interface Options {
  /** The URL of the API. */
  api: string;
}

export interface User {
  id: number;
  username: string;
  password: string;
}

interface Fixtures {
  /** A new user who is not signed in. */
  user: User;
  /** The same user, signed in in the test's browser. */
  reader: User;
  /** The same user, signed in on a phone. */
  phone: APIRequestContext;
  noConsoleErrors: undefined;
}

const PHONE = "Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0";

export const test = base.extend<Fixtures & Options>({
  api: ["", { option: true }],

  user: async ({ api, request }, use) => {
    const user = { username: `reader-${randomUUID().slice(0, 8)}`, password: "four sneaky newts" };
    const answer = await request.post(`${api}/register`, { data: user });
    await expect(answer).toBeOK();
    const { id } = await answer.json();
    await use({ ...user, id });
  },

  reader: async ({ api, context, user }, use) => {
    await expect(await context.request.post(`${api}/login`, { data: user })).toBeOK();
    await use(user);
  },

  phone: async ({ api, playwright, user }, use) => {
    const phone = await playwright.request.newContext({ baseURL: api, userAgent: PHONE });
    await expect(await phone.post("/login", { data: user })).toBeOK();
    await use(phone);
    await phone.dispose();
  },

  noConsoleErrors: [
    async ({ page }, use) => {
      const errors = watchForErrors(page);
      await use(undefined);
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
