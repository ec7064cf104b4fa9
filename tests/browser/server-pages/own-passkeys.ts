import type { Page } from "@playwright/test";
import { Authenticator } from "../support/passkeys";
import { expect } from "../support/test";

/** Adds a passkey on the page about the second factor. */
export async function addPasskey(page: Page): Promise<Authenticator> {
  const authenticator = await Authenticator.attach(page);
  await page.goto("/second-factor");
  await confirmAddition(page, authenticator);
  return authenticator;
}

export const confirmAddition = (page: Page, authenticator: Authenticator) =>
  authenticator.confirm(async () => {
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await expect(page.getByText("Signing in needs a passkey.")).toBeVisible();
  });
