import { randomUUID } from "node:crypto";
import { expect, test } from "./test";

test("who registers is signed in with what they typed", async ({ page }) => {
  const username = `reader-${randomUUID().slice(0, 8)}`;
  await page.goto("/register?next=%2Faccount");
  await page.getByLabel("Name").fill(username);
  await page.getByLabel("E-mail address").fill(`${username}@example.org`);
  await page.getByLabel("Password").fill("four sneaky newts");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page).toHaveURL("/account");
  await expect(page.getByText(`${username}@example.org`)).toBeVisible();
});

test("every wrong field says what is wrong, and the first one gets the focus", async ({ page }) => {
  await page.goto("/register");
  await page.getByLabel("Name").fill("a reader");
  await page.getByLabel("E-mail address").fill("nowhere");
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByLabel("Name")).toBeFocused();
  await expect(page.getByLabel("Name")).toHaveAccessibleDescription("Name must not contain spaces.");
  await expect(page.getByLabel("E-mail address")).toHaveAccessibleDescription(/^E-mail address must be/);
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription("Password must have at least 8 characters.");
  await expect(page.locator("[aria-invalid=true]")).toHaveCount(3);
});

test("a name that is taken is told at its field", async ({ page, user }) => {
  await page.goto("/register");
  await page.getByLabel("Name").fill(user.username);
  await page.getByLabel("Password").fill("four sneaky newts");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByLabel("Name")).toHaveAccessibleDescription("Name is taken already.");
  await expect(page.getByLabel("Name")).toBeFocused();
});

test("who was registered but not signed in is sent on to the sign-in form", async ({ page, api }) => {
  await page.route(`${api}/login`, (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await page.goto("/register");
  await page.getByLabel("Name").fill(`reader-${randomUUID().slice(0, 8)}`);
  await page.getByLabel("Password").fill("four sneaky newts");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByText("You are registered. Sign in with what you chose.")).toBeVisible();
});
