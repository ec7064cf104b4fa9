import type { Page } from "@playwright/test";
import type { User } from "./test";

/** Submits the sign-in form. */
export async function signIn(page: Page, { username, password }: Pick<User, "username" | "password">): Promise<void> {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}
