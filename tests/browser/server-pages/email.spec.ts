import { randomUUID } from "node:crypto";
import { mailedLink } from "../support/mail";
import { expect, test } from "../support/test";
import { newVerified } from "../support/verified";
import { submit } from "./form";

test.use({ javaScriptEnabled: false });

test("a forgotten password is reset by the link in a message", async ({ page, request, api }) => {
  const { username, email } = await newVerified(request, api);
  await page.goto("/login");
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await submit(page, "Send link", { "Email address": email });
  await expect(page.getByRole("status")).toContainText(`If ${email} is the verified address of an account`);

  await page.goto(await mailedLink(email, "/reset-password"));
  await submit(page, "Save password", { "New password": "seven wiser toads" });
  await expect(page.getByRole("status")).toHaveText("Your password has been changed. Sign in with the new one.");
  await submit(page, "Sign in", { Username: username, Password: "seven wiser toads" });
  await expect(page.getByRole("link", { name: "Account", exact: true })).toBeVisible();
});

test("an address is verified by a button, once", async ({ page }) => {
  const username = `reader-${randomUUID().slice(0, 8)}`;
  const email = `${username}@example.org`;
  await page.goto("/register");
  await submit(page, "Register", { Username: username, "Email address": email, Password: "four sneaky newts" });
  const link = await mailedLink(email, "/verify-email");
  for (const opened of [link, link]) await page.goto(opened);
  await page.getByRole("button", { name: "Confirm address" }).click();
  await expect(page.getByRole("status")).toHaveText("Your email address has been confirmed.");
  await expect(page.getByRole("heading", { name: "Account" })).toBeVisible();

  await page.goto(link);
  await page.getByRole("button", { name: "Confirm address" }).click();
  await expect(page.getByRole("alert")).toContainText(/the link is invalid or has expired/i);
});

test("“this wasn't me” ends all sessions and leads to a new password", async ({ page, playwright, request, api }) => {
  const { username, email, password } = await newVerified(request, api);
  // The first sign-in to a new account is not reported.
  await expect(await request.post(`${api}/login`, { data: { username, password } })).toBeOK();
  const thief = await playwright.request.newContext({ baseURL: api });
  await expect(await thief.post("/login", { data: { username, password } })).toBeOK();
  await page.goto(await mailedLink(email, "/secure-account"));
  await page.getByRole("button", { name: "Secure my account" }).click();
  await expect(page.getByRole("status")).toContainText("Your account is secured.");
  expect((await thief.get("/check_session")).status()).toBe(401);
  await thief.dispose();
  await page.goto(await mailedLink(email, "/reset-password"));
  await submit(page, "Save password", { "New password": "seven wiser toads" });
  await submit(page, "Sign in", { Username: username, Password: "seven wiser toads" });
  await expect(page.getByRole("link", { name: "Account", exact: true })).toBeVisible();
});
