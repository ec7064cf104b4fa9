import { randomUUID } from "node:crypto";

import { expect, test } from "vitest";

import { openBrowser } from "./browser.js";
import { failureOf } from "./failure.js";
import { mailedToken } from "./mail.js";
import { newVerified } from "./verified.js";

test("a reader without an account signs in by a link", async () => {
  const email = `ada-${randomUUID()}@example.org`;
  const { tollgate } = openBrowser();
  expect(await tollgate.email.requestLogin({ email, next: "/blog/1" })).toEqual({});
  const token = (await mailedToken(email, "sign-in-link")).replace("&next=%2Fblog%2F1", "");
  const user = await tollgate.email.login({ token });
  expect(user).toMatchObject({ email, email_verified: true, username: expect.stringMatching(/^reader-[a-z0-9]{8}$/) });
  expect(await tollgate.checkSession()).toEqual(user);
  expect(await failureOf(tollgate.email.login({ token }))).toMatchObject({ status: 400, code: "invalid_token" });
});

test("a wrong code is refused", async () => {
  const { email } = await newVerified();
  const { tollgate } = openBrowser();
  await tollgate.email.requestLogin({ email });
  const failure = await failureOf(tollgate.email.login({ email, code: "x" }));
  expect(failure).toMatchObject({ status: 400, code: "incorrect_code" });
  const { request_token } = await tollgate.email.requestLogin({ email, transport: "bearer" });
  expect(request_token).toMatch(/./);
});
