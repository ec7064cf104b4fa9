import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";

const SIZES = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
  // The narrowest that WCAG requires (1.4.10 Reflow).
  narrow: { width: 320, height: 640 },
};

/** Checks the page against WCAG, light and dark and at every size, and takes screenshots. */
export async function inspect(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      const variant = `${name}-${colorScheme}-${size}`;
      await page.screenshot({ path: `screenshots/${test.info().project.name}/${variant}.png`, fullPage: true });
      expect(await violations(page), variant).toEqual([]);
      expect(await sidewaysScroll(page), `${variant}: pixels to scroll sideways`).toBeLessThanOrEqual(0);
    }
  }
}

/**
 * In legacy mode, axe opens no second page, which takes half of the time and only frames of other origins need. Describing
 * all elements that pass takes a third of the rest.
 */
async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ["violations"] })
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
