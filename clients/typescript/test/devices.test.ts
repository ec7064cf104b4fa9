import { expect, test } from "vitest";

import { newLogin, openBrowser, password } from "./browser.js";
import { failureOf } from "./failure.js";

test("a device that is revoked is told once that it is signed out, by the next answer", async () => {
  const login = await newLogin();
  const here = openBrowser();
  let signedOut = 0;
  const there = openBrowser({ onSignedOut: () => signedOut++ });
  await there.tollgate.login(login);
  await here.tollgate.login(login);

  const devices = await here.tollgate.devices();
  expect(devices.map(({ current }) => current).sort()).toEqual([false, true]);
  const other = devices.find(({ current }) => !current)!;
  await here.tollgate.revoke(other.id);
  expect(await here.tollgate.devices()).toHaveLength(1);

  expect(signedOut).toBe(0);
  expect(await failureOf(there.tollgate.meter())).toMatchObject({ status: 401, code: "login_required" });
  expect(signedOut).toBe(1);
  expect(await there.tollgate.checkSession()).toBeNull();
  expect(signedOut).toBe(1);
});

test("all other devices are revoked at once", async () => {
  const login = await newLogin();
  const [here, there, elsewhere] = [openBrowser(), openBrowser(), openBrowser()];
  for (const { tollgate } of [here, there, elsewhere]) await tollgate.login(login);

  await here.tollgate.revokeOthers();
  expect(await there.tollgate.checkSession()).toBeNull();
  expect(await elsewhere.tollgate.checkSession()).toBeNull();
  expect(await here.tollgate.checkSession()).not.toBeNull();
});

test("a session that is not fresh goes on, and revokes with the password", async () => {
  const login = await newLogin();
  let signedOut = 0;
  const here = openBrowser({ onSignedOut: () => signedOut++ });
  await here.tollgate.login(login);
  await openBrowser().tollgate.login(login);
  here.userAgent = "Firefox/146.0";

  const other = (await here.tollgate.devices()).find(({ current }) => !current)!;
  expect(await failureOf(here.tollgate.revoke(other.id))).toMatchObject({ status: 401, code: "fresh_login_required" });
  expect(await failureOf(here.tollgate.revokeOthers())).toMatchObject({ code: "fresh_login_required" });
  expect(signedOut).toBe(0);

  await here.tollgate.revoke(other.id, password);
  await here.tollgate.revokeOthers(password);
  expect(await here.tollgate.devices()).toHaveLength(1);
});

test("a request by `api` tells too that the session is over", async () => {
  let signedOut = 0;
  const { tollgate } = openBrowser({ onSignedOut: () => signedOut++ });
  const { error, response } = await tollgate.api.GET("/reads");
  expect(response.status).toBe(401);
  expect(error?.code).toBe("login_required");
  expect(signedOut).toBe(1);
});
