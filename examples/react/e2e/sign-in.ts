import type { Page } from "@playwright/test";
import type { User } from "./test";

/** Fills the sign-in form in and sends it. */
export async function signIn(page: Page, { username, password }: Pick<User, "username" | "password">): Promise<void> {
  await page.getByLabel("Name").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
