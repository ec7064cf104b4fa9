import { randomUUID } from "node:crypto";
import { expect, test } from "../support/test";

test("registering signs in", async ({ page }) => {
  const username = `reader-${randomUUID().slice(0, 8)}`;
  await page.goto("/register?next=%2Faccount");
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Email address").fill(`${username}@example.org`);
  await page.getByLabel("Password").fill("four sneaky newts");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page).toHaveURL("/account");
  await expect(page.getByRole("textbox", { name: "Email address", exact: true })).toHaveValue(
    `${username}@example.org`,
  );
});

test("every invalid field has an error, and the first one gets the focus", async ({ page }) => {
  await page.goto("/register");
  await page.getByLabel("Username").fill("a reader");
  await page.getByLabel("Email address").fill("nowhere");
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByLabel("Username")).toBeFocused();
  await expect(page.getByLabel("Username")).toHaveAccessibleDescription("This must not contain spaces.");
  await expect(page.getByLabel("Email address")).toHaveAccessibleDescription(/^This must be/);
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription("This must have at least 8 characters.");
  await expect(page.locator("[aria-invalid=true]")).toHaveCount(3);
});

test("a taken username is an error at its field", async ({ page, user }) => {
  await page.goto("/register");
  await page.getByLabel("Username").fill(user.username);
  await page.getByLabel("Password").fill("four sneaky newts");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByLabel("Username")).toHaveAccessibleDescription("This username is taken.");
  await expect(page.getByLabel("Username")).toBeFocused();
});

test("if signing in fails after registering, the sign-in form is shown", async ({ page, api }) => {
  await page.route(`${api}/login`, (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await page.goto("/register");
  await page.getByLabel("Username").fill(`reader-${randomUUID().slice(0, 8)}`);
  await page.getByLabel("Password").fill("four sneaky newts");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByText("Your account has been created. Sign in to continue.")).toBeVisible();
});
