import { FERRIES } from "../support/posts";
import { tabTo } from "../support/tab-to";
import { expect, test } from "../support/test";

test("signing in, reading and signing out work with the keyboard", async ({ page, user }) => {
  await page.goto("/login");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await tabTo(page, "Username or email address");
  await page.keyboard.type(user.username);
  await tabTo(page, "Password");
  await page.keyboard.type(user.password);
  await tabTo(page, "Stay signed in");
  await page.keyboard.press("Space");
  await tabTo(page, "Sign in");
  await page.keyboard.press("Enter");

  await expect(page.getByRole("heading", { name: "Posts" })).toBeFocused();
  // The key does not wait for the list.
  await expect(page.getByRole("link", { name: FERRIES.title })).toBeVisible();
  await tabTo(page, FERRIES.title);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: FERRIES.title })).toBeFocused();

  await tabTo(page, "Sign out", "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("You have been signed out.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeFocused();
});

test("the first link skips to the content", async ({ page, reader: _ }) => {
  await page.goto("/");
  await expect(page.getByRole("link", { name: FERRIES.title })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: FERRIES.title })).toBeFocused();
});
