import { randomUUID } from "node:crypto";
import { mailedLink } from "../support/mail";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";
import { newVerified } from "../support/verified";

test("a forgotten password is reset by the link in a message, once", async ({ page, request, api, baseURL }) => {
  const { username, email } = await newVerified(request, api);
  await page.goto("/login");
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await page.getByLabel("Email address", { exact: true }).fill(email);
  await page.getByRole("button", { name: "Send link" }).click();
  await expect(page.getByText(`If ${email} is the verified address of an account`)).toBeFocused();

  const link = await mailedLink(email, "/reset-password");
  expect(link).toMatch(`${baseURL}/reset-password?token=`);
  await page.goto(link);
  await page.getByLabel("New password").fill("short");
  await page.getByRole("button", { name: "Save password" }).click();
  await expect(page.getByLabel("New password")).toHaveAccessibleDescription(/^This must have at least 8 characters/);
  await page.getByLabel("New password").fill("seven wiser toads");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Your password has been changed. Sign in with the new one.")).toBeVisible();
  await signIn(page, { username, password: "seven wiser toads" });
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();

  await page.goto(link);
  await page.getByLabel("New password").fill("nine patient herons");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText(["The link is invalid or has expired"]);
  await page.getByRole("link", { name: "Request a new link" }).click();
  await expect(page.getByRole("heading", { name: "Forgot password" })).toBeFocused();
});

test("resetting the password signs out a browser that is signed in", async ({ page, context, request, api }) => {
  const user = await newVerified(request, api);
  await expect(await context.request.post(`${api}/login`, { data: user })).toBeOK();
  await request.post(`${api}/password/forgot`, { data: { email: user.email } });
  await page.goto(await mailedLink(user.email, "/reset-password"));
  await expect(page.getByRole("link", { name: "Account" })).toBeVisible();
  await page.getByLabel("New password").fill("seven wiser toads");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Your password has been changed. Sign in with the new one.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Account" })).toHaveCount(0);
});

test("an address is verified by a button, not by opening the link", async ({ page, context, api }) => {
  const username = `reader-${randomUUID().slice(0, 8)}`;
  const email = `${username}@example.org`;
  await page.goto("/register?next=%2Faccount");
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password").fill("four sneaky newts");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByText(`${email} is not verified.`)).toBeVisible();
  const first = await mailedLink(email, "/verify-email");
  await page.getByRole("button", { name: "Send again" }).click();
  await expect(page.getByText("The message has been sent again.")).toBeVisible();
  const second = await mailedLink(email, "/verify-email", 2);

  await page.goto(first);
  await page.getByRole("button", { name: "Confirm address" }).click();
  await expect(page.getByRole("alert")).toContainText(["", "The link is invalid or has expired"]);
  await page.goto(second);
  await expect(page.getByRole("button", { name: "Confirm address" })).toBeVisible();
  expect(await (await context.request.get(`${api}/check_session`)).json()).toMatchObject({ email_verified: false });
  await page.getByRole("button", { name: "Confirm address" }).click();
  await expect(page.getByText("Your email address has been confirmed.")).toBeFocused();
  await page.getByRole("link", { name: "Your account" }).click();
  await expect(page.getByText("Verified", { exact: true })).toBeVisible();
});

test("a verified address signs in, also while another waits", async ({ page, request, api }) => {
  const { email, password } = await newVerified(request, api);
  await page.goto("/login?next=%2Faccount");
  await signIn(page, { username: email, password });
  await page.getByRole("textbox", { name: "Email address", exact: true }).fill(`new-${email}`);
  await page.keyboard.press("Enter");
  await expect(page.getByText(`Confirm new-${email} using the link we sent there.`)).toBeVisible();
  await expect(page.getByText(`Until then, ${email} remains your address.`)).toBeVisible();
  await page.goto(await mailedLink(`new-${email}`, "/verify-email"));
  await page.getByRole("button", { name: "Confirm address" }).click();
  await page.getByRole("link", { name: "Your account" }).click();
  await expect(page.getByRole("textbox", { name: "Email address", exact: true })).toHaveValue(`new-${email}`);
});

test("“this wasn't me” ends all sessions and leads to a new password", async ({ page, playwright, request, api }) => {
  const { username, email, password } = await newVerified(request, api);
  // The first sign-in to a new account is not reported.
  await expect(await request.post(`${api}/login`, { data: { username, password } })).toBeOK();
  const thief = await playwright.request.newContext({ baseURL: api });
  await expect(await thief.post("/login", { data: { username, password } })).toBeOK();

  await page.goto(await mailedLink(email, "/secure-account"));
  await expect(page.getByRole("heading", { name: "This wasn't me" })).toBeVisible();
  expect((await thief.get("/check_session")).status()).toBe(200);
  await page.getByRole("button", { name: "Secure my account" }).click();
  await expect(page.getByText("Your account is secured.")).toBeFocused();
  expect((await thief.get("/check_session")).status()).toBe(401);
  expect((await thief.post("/login", { data: { username, password } })).status()).toBe(400);
  await thief.dispose();

  await page.goto(await mailedLink(email, "/reset-password"));
  await page.getByLabel("New password").fill("seven wiser toads");
  await page.keyboard.press("Enter");
  await signIn(page, { username, password: "seven wiser toads" });
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
});

test("a server that sends no email is reported", async ({ page, api, baseURL }) => {
  await page.route(`${api}/password/forgot`, (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    return route.fulfill({
      status: 404,
      headers: { "Access-Control-Allow-Origin": baseURL ?? "", "Access-Control-Allow-Credentials": "true" },
      json: { code: "not_found", error: "not found" },
    });
  });
  await page.goto("/forgot-password");
  await page.getByLabel("Email address").fill("ada@example.org");
  await page.keyboard.press("Enter");
  await expect(page.getByText("This site sends no email.")).toBeVisible();
});
