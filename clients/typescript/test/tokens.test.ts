import { expect, test } from "vitest";

import { createTollgate, type SignOutReason } from "../src/index.js";
import { openBrowser, openSignedIn, password } from "./browser.js";
import { failureOf } from "./failure.js";

const baseUrl = process.env["TOLLGATE_URL"];

test("a program uses a token until it is deleted", async () => {
  const { tollgate } = await openSignedIn();
  expect(await tollgate.tokens.list()).toEqual([]);
  const created = await tollgate.tokens.create({ name: "a script", scopes: ["account"] });
  expect(created).toMatchObject({ name: "a script", scopes: ["account"], expires_at: null, last_used_at: null });
  expect(created.token).toMatch(/^tgt_[0-9A-Za-z]{49}$/);

  const reasons: SignOutReason[] = [];
  const program = createTollgate({ baseUrl, token: created.token, onSignedOut: (reason) => reasons.push(reason) });
  expect((await program.meter()).used).toBe(0);
  expect(await program.checkSession()).toMatchObject({ token: { id: created.id } });
  expect(await failureOf(program.tokens.list())).toMatchObject({ status: 403, code: "insufficient_scope" });
  const [listed] = await tollgate.tokens.list();
  expect(listed).toMatchObject({ id: created.id, last_used_at: expect.any(String) });
  expect(listed).not.toHaveProperty("token");

  await tollgate.tokens.remove(created.id);
  expect(await failureOf(program.meter())).toMatchObject({ status: 401, code: "invalid_token" });
  expect(await program.checkSession()).toBeNull();
  expect(await failureOf(tollgate.tokens.remove(created.id))).toMatchObject({ status: 404 });
  // A token opens no session whose times could say why.
  expect(reasons).toEqual(["unknown"]);
});

test("a token ends nobody's session", async () => {
  const browser = await openSignedIn();
  const program = openBrowser({ token: "tgt_" }).tollgate;
  expect(await failureOf(program.meter())).toMatchObject({ code: "invalid_token" });
  expect(await browser.tollgate.checkSession()).not.toBeNull();
});

test("a session that is not fresh creates tokens with the password", async () => {
  const browser = await openSignedIn();
  browser.userAgent = "Firefox/146.0";
  const values = { name: "a script", scopes: ["read" as const] };
  expect(await failureOf(browser.tollgate.tokens.create(values))).toMatchObject({ code: "fresh_login_required" });
  expect(await browser.tollgate.tokens.create({ ...values, currentPassword: password })).toMatchObject(values);
});
