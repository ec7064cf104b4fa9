import type { Page } from "@playwright/test";

/** Presses the Tab key until the element with this label or text has the focus. */
export async function tabTo(page: Page, name: string, key = "Tab"): Promise<void> {
  const target = page.getByRole("main").or(page.getByRole("navigation")).getByText(name, { exact: true });
  const labelled = page.getByLabel(name, { exact: true });
  for (let stops = 0; stops < 30; stops++) {
    await page.keyboard.press(key);
    const focused = page.locator(":focus");
    if ((await focused.and(target).count()) + (await focused.and(labelled).count()) > 0) return;
  }
  throw new Error(`the Tab key does not reach ${name}`);
}
