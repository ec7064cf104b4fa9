import type { Page } from "@playwright/test";

/** Fills in fields by their labels and presses the button. */
export async function submit(page: Page, button: string, fields: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
  await page.getByRole("button", { name: button, exact: true }).click();
}
