import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";

const SIZES = { wide: { width: 1280, height: 900 }, narrow: { width: 320, height: 640 } };

/** Holds what is shown now against WCAG, light and dark, wide and narrow, and keeps pictures of it. */
export async function inspect(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      const shown = `${name}-${colorScheme}-${size}`;
      await page.screenshot({ path: `screenshots/${test.info().project.name}/${shown}.png`, fullPage: true });
      expect(await violations(page), shown).toEqual([]);
      expect(await sidewaysScroll(page), `${shown}: pixels to scroll sideways`).toBeLessThanOrEqual(0);
    }
  }
}

async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
