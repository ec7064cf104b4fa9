import type { Page } from "@playwright/test";
import { FERRIES } from "./posts";
import { expect, test } from "./test";

test("the keyboard is enough from signing in over reading to signing out", async ({ page, user }) => {
  await page.goto("/login");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await tabTo(page, "Name");
  await page.keyboard.type(user.username);
  await tabTo(page, "Password");
  await page.keyboard.type(user.password);
  await tabTo(page, "Stay signed in");
  await page.keyboard.press("Space");
  await tabTo(page, "Sign in");
  await page.keyboard.press("Enter");

  await expect(page.getByRole("heading", { name: "Posts" })).toBeFocused();
  await tabTo(page, FERRIES.title);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: FERRIES.title })).toBeFocused();

  await tabTo(page, "Sign out", "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("You are signed out.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeFocused();
});

test("the first stop of a page leads past its head", async ({ page, reader: _ }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: FERRIES.title })).toBeFocused();
});

/** Goes on, or back, by the tabulator until it comes to what has this name. */
async function tabTo(page: Page, name: string, key = "Tab"): Promise<void> {
  const target = page.getByRole("main").or(page.getByRole("navigation")).getByText(name, { exact: true });
  const labelled = page.getByLabel(name, { exact: true });
  for (let stops = 0; stops < 30; stops++) {
    await page.keyboard.press(key);
    const focused = page.locator(":focus");
    if ((await focused.and(target).count()) + (await focused.and(labelled).count()) > 0) return;
  }
  throw new Error(`the tabulator does not come to ${name}`);
}
