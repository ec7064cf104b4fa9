import { expect, test } from "vitest";

import { newLogin, openBrowser, password } from "./browser.js";
import { failureOf } from "./failure.js";

test("all other devices can be revoked at once", async () => {
  const login = await newLogin();
  const [here, there, elsewhere] = [openBrowser(), openBrowser(), openBrowser()];
  for (const { tollgate } of [here, there, elsewhere]) await tollgate.login(login);

  await here.tollgate.sessions.endOthers();
  expect(await there.tollgate.checkSession()).toBeNull();
  expect(await elsewhere.tollgate.checkSession()).toBeNull();
  expect(await here.tollgate.checkSession()).not.toBeNull();
});

test("a session that is not fresh stays signed in, and can revoke others with the password", async () => {
  const login = await newLogin();
  let signedOut = 0;
  const here = openBrowser({ onSignedOut: () => signedOut++ });
  await here.tollgate.login(login);
  await openBrowser().tollgate.login(login);
  here.userAgent = "Firefox/146.0";

  const other = (await here.tollgate.sessions.list()).find(({ current }) => !current)!;
  expect(await failureOf(here.tollgate.sessions.end(other.id))).toMatchObject({ status: 401, code: "fresh_login_required" });
  expect(await failureOf(here.tollgate.sessions.endOthers())).toMatchObject({ code: "fresh_login_required" });
  expect(signedOut).toBe(0);

  await here.tollgate.sessions.end(other.id, { currentPassword: password });
  await here.tollgate.sessions.endOthers({ currentPassword: password });
  expect(await here.tollgate.sessions.list()).toHaveLength(1);
});
