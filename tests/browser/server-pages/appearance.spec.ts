import { Authenticator } from "../support/authenticator";
import { enrol } from "../support/enrolled";
import { inspect } from "../support/inspect";
import { spendReads } from "../support/spend-reads";
import { pay } from "../support/stripe";
import { expect, test } from "../support/test";
import { submit } from "./form";
import { addPasskey } from "./own-passkeys";

test.describe("Accessible in light and dark, at any width:", () => {
  // Each page is inspected six times.
  test.slow();

  test("the sign-in form", async ({ page }) => {
    await page.goto("/login");
    await inspect(page, "sign-in");
  });

  test("the sign-in form after registering", async ({ page }) => {
    await page.goto("/login?registered=on");
    await inspect(page, "sign-in-registered");
  });

  test("the sign-in form with a field error", async ({ page, user }) => {
    await page.goto("/login");
    await submit(page, "Sign in", { Username: user.username, Password: "four sneaky frogs" });
    await expect(page.getByText("Incorrect password.")).toBeVisible();
    await inspect(page, "sign-in-wrong");
  });

  test("the sign-in form with a general error", async ({ page }) => {
    await page.goto("/login");
    const tooLong = "a".repeat(20_000);
    await submit(page, "Sign in", { Username: tooLong, Password: "four sneaky newts" });
    await expect(page.getByRole("alert")).toBeVisible();
    await inspect(page, "sign-in-notice");
  });

  test("the registration form", async ({ page }) => {
    await page.goto("/register");
    await inspect(page, "registration");
  });

  test("the registration form with errors", async ({ page }) => {
    await page.goto("/register");
    await submit(page, "Register", { Username: "a reader", "Email address": "ada@nowhere", Password: "short" });
    await expect(page.locator("[aria-invalid]")).toHaveCount(3);
    await inspect(page, "registration-wrong");
  });

  test("the account page", async ({ page, context, api, reader: _ }) => {
    await spendReads(context.request, api, 2);
    await page.goto("/account");
    await expect(page.getByText("3 of 5 free reads left")).toBeVisible();
    await inspect(page, "account");
  });

  test("the account page without reads left", async ({ page, context, api, reader: _ }) => {
    await spendReads(context.request, api, 5);
    await page.goto("/account");
    await expect(page.getByText("0 of 5 free reads left")).toBeVisible();
    await inspect(page, "account-used-up");
  });

  test("the account page of a subscriber", async ({ page, api, reader }) => {
    await pay(api, reader.id);
    await page.goto("/account");
    await expect(page.getByText("You have a subscription")).toBeVisible();
    await inspect(page, "account-subscriber");
  });

  test("the pages on which an app is set up", async ({ page, reader: _ }) => {
    await page.goto("/second-factor");
    await inspect(page, "second-factor");
    await page.getByRole("button", { name: "Set up an authenticator app" }).click();
    const secret = await page.getByText("Or type in this key:").locator("code").textContent();
    await inspect(page, "enrolment");
    await page.getByRole("textbox").fill(await new Authenticator(secret ?? "").code());
    await page.getByRole("button", { name: "Confirm" }).click();
    await expect(page.locator(".codes li")).toHaveCount(10);
    await inspect(page, "recovery-codes");
  });

  test("the second step, and the page about the app", async ({ page, context, api, reader }) => {
    await enrol(context.request, api);
    await page.goto("/second-factor");
    await inspect(page, "second-factor-enrolled");
    await page.goto("/");
    await page.getByRole("button", { name: "Sign out" }).click();
    await submit(page, "Sign in", { Username: reader.username, Password: reader.password });
    await submit(page, "Sign in", { Code: "12345" });
    await expect(page.getByText("This code is incorrect")).toBeVisible();
    await inspect(page, "second-step");
    await page.getByRole("link", { name: "Use a recovery code" }).click();
    await expect(page.getByLabel("Recovery code")).toBeVisible();
    await inspect(page, "second-step-recovery-code");
  });

  test("the pages about passkeys", async ({ page, reader }) => {
    await addPasskey(page);
    await inspect(page, "passkeys");
    await page.goto("/");
    await page.getByRole("button", { name: "Sign out" }).click();
    await submit(page, "Sign in", { Username: reader.username, Password: reader.password });
    await expect(page.getByRole("button", { name: "Use a passkey" })).toBeVisible();
    await inspect(page, "second-step-passkey");
  });

  for (const path of ["forgot-password", "reset-password", "verify-email", "secure-account"]) {
    test(`the page ${path}`, async ({ page }) => {
      await page.goto(`/${path}?token=any`);
      await inspect(page, path);
    });
  }

  test("a link that is no longer valid", async ({ page }) => {
    await page.goto("/reset-password?token=used");
    await submit(page, "Save password", { "New password": "four sneaky newts" });
    await expect(page.getByRole("link", { name: "Request a new link" })).toBeVisible();
    await inspect(page, "reset-password-invalid");
  });
});
