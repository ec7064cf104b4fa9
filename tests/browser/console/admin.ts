import { ADMIN } from "../servers/console";
import { test as base, expect } from "../support/test";

/** Tests whose browser is an admin's, and runs no scripts. */
export const test = base.extend<{ admin: undefined }>({
  admin: [
    async ({ api, context }, use) => {
      await expect(await context.request.post(`${api}/login`, { data: ADMIN })).toBeOK();
      await use(undefined);
    },
    { auto: true },
  ],
});

export { expect };
