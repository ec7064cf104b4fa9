import { Authenticator } from "../support/authenticator";
import { enrol } from "../support/enrolled";
import { inspect } from "../support/inspect";
import { addPasskey } from "../support/passkeys";
import { FERRIES } from "../support/posts";
import { signIn } from "../support/sign-in";
import { spendReads } from "../support/spend-reads";
import { pay } from "../support/stripe";
import { expect, test } from "../support/test";

test.describe("Accessible in light and dark, at any width:", () => {
  // Each page is inspected six times.
  test.slow();

  test("the sign-in form", async ({ page }) => {
    await page.goto("/login");
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await inspect(page, "sign-in");
  });

  test("the registration form with errors", async ({ page }) => {
    await page.goto("/register");
    await page.getByLabel("Password").fill("short");
    await page.getByRole("button", { name: "Register" }).click();
    await expect(page.getByLabel("Username")).toBeFocused();
    await inspect(page, "registration");
  });

  test("the list of posts", async ({ page, reader: _ }) => {
    await page.goto("/");
    await expect(page.getByRole("link", { name: FERRIES.title })).toBeVisible();
    await inspect(page, "posts");
  });

  test("a post", async ({ page, reader: _ }) => {
    await page.goto("/");
    await page.getByRole("link", { name: FERRIES.title }).click();
    await expect(page.getByText("4 of 5 free reads left")).toBeVisible();
    await inspect(page, "post");
  });

  test("the paywall", async ({ page, context, api, reader: _ }) => {
    await spendReads(context.request, api, 5);
    await page.goto("/");
    await page.getByRole("link", { name: FERRIES.title }).click();
    await expect(page.getByRole("link", { name: "Subscribe to continue" })).toBeVisible();
    await inspect(page, "paywall");
  });

  test("a subscriber's post", async ({ page, api, reader }) => {
    await pay(api, reader.id);
    await page.goto("/blog/1");
    await expect(page.getByText("You have a subscription with unlimited reads.")).toBeVisible();
    await inspect(page, "subscriber");
  });

  test("the devices", async ({ page, reader: _, phone: __ }) => {
    await page.goto("/devices");
    await expect(page.getByText("Firefox Mobile on Android").first()).toBeVisible();
    await inspect(page, "devices");
  });

  test("the password dialog", async ({ page, context, api, reader: _, phone: __ }) => {
    await context.request.get(`${api}/check_session`, { headers: { "User-Agent": "another" } });
    await page.goto("/devices");
    await page.getByRole("button", { name: "Sign out all other devices" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await inspect(page, "password");
  });

  test("the account", async ({ page, reader: _ }) => {
    await page.goto("/account");
    await expect(page.getByText("You have no subscription.")).toBeVisible();
    await inspect(page, "account");
  });

  test("the deletion dialog", async ({ page, reader: _ }) => {
    await page.goto("/account");
    await page.getByRole("button", { name: "Delete account…" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await inspect(page, "deletion");
  });

  test("an app that is being set up, and the recovery codes", async ({ page, reader: _ }) => {
    await page.goto("/account");
    await page.getByRole("button", { name: "Set up an authenticator app" }).click();
    const secret = await page.getByText("Or type in this key:").locator("code").textContent();
    await inspect(page, "enrolment");
    await page.getByLabel("Code").fill(await new Authenticator(secret ?? "").code());
    await page.keyboard.press("Enter");
    await expect(page.locator(".codes li")).toHaveCount(10);
    await inspect(page, "recovery-codes");
  });

  test("an account with a second factor, and the second step", async ({ page, context, api, reader }) => {
    await enrol(context.request, api);
    await page.goto("/account");
    await expect(page.getByRole("button", { name: "Remove the authenticator app" })).toBeVisible();
    await inspect(page, "account-second-factor");
    await page.getByRole("button", { name: "Sign out" }).click();
    await signIn(page, reader);
    await expect(page.getByRole("heading", { name: "Second step" })).toBeVisible();
    await inspect(page, "second-step");
  });

  test("an account with a passkey, its name, and the second step", async ({ page, reader }) => {
    await addPasskey(page);
    await inspect(page, "account-passkey");
    await page.getByRole("button", { name: "Rename Passkey" }).click();
    await inspect(page, "passkey-name");
    await page.getByRole("button", { name: "Sign out" }).click();
    await signIn(page, reader);
    await expect(page.getByRole("button", { name: "Use a passkey" })).toBeVisible();
    await inspect(page, "second-step-passkey");
  });

  test("an account whose address is not verified", async ({ page, context, api, reader }) => {
    const email = `${reader.username}@example.org`;
    await expect(await context.request.patch(`${api}/account`, { data: { email } })).toBeOK();
    await page.goto("/account");
    await expect(page.getByText(`${email} is not verified.`)).toBeVisible();
    await inspect(page, "account-not-verified");
  });

  test("the form for a forgotten password", async ({ page }) => {
    await page.goto("/forgot-password");
    await page.getByLabel("Email address").fill("nowhere");
    await page.keyboard.press("Enter");
    await expect(page.getByLabel("Email address")).toHaveAccessibleDescription(/^This must be/);
    await inspect(page, "forgot-password");
  });

  test("a link that is no longer valid", async ({ page }) => {
    await page.goto("/reset-password?token=used");
    await page.getByLabel("New password").fill("four sneaky newts");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("link", { name: "Request a new link" })).toBeVisible();
    await inspect(page, "reset-password");
  });

  test("the answer to a notice", async ({ page }) => {
    await page.goto("/secure-account?token=any");
    await expect(page.getByRole("button", { name: "Secure my account" })).toBeVisible();
    await inspect(page, "secure-account");
  });

  test("the page for an unknown address", async ({ page }) => {
    await page.goto("/nowhere");
    await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
    await inspect(page, "not-found");
  });

  test("a loading error", async ({ page, api, reader: _ }) => {
    await page.route(`${api}/blog?*`, (route) => route.abort());
    await page.goto("/");
    await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
    await inspect(page, "failure");
  });
});
