import { randomUUID } from "node:crypto";
import { inspect } from "../support/inspect";
import { spendReads } from "../support/spend-reads";
import { tabTo } from "../support/tab-to";
import { expect, test } from "../support/test";

const PASSWORD = "vier schlaue Molche";

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("registering, reading and signing out work with the keyboard", async ({ page }) => {
    const press = async (name: string) => {
      await tabTo(page, name);
      await page.keyboard.press("Enter");
    };
    const type = async (label: string, text: string) => {
      await tabTo(page, label);
      await page.keyboard.type(text);
    };
    await page.goto("/");
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    await page.goto("/blog/1");
    await press("Kostenloses Konto anlegen");
    await type("Benutzername", `leser-${randomUUID().slice(0, 8)}`);
    await type("Passwort mindestens 8 Zeichen", PASSWORD);
    await page.keyboard.press("Enter");
    await expect(page.locator(".prose")).toBeVisible();
    await press("Konto");
    await expect(page.getByText("Noch 4 von 5 Artikeln frei")).toBeVisible();
    await press("Abmelden");
    await expect(page.getByRole("heading", { name: "Anmelden" })).toBeVisible();
  });
});

test.describe("Accessible in light and dark, at any width:", () => {
  // Each page is inspected six times.
  test.slow();

  for (const path of ["", "blog/1", "login", "register", "forgot-password", "sign-in-email", "nichts"]) {
    test(`the page /${path} for a visitor`, async ({ page }) => {
      await page.goto(`/${path}`);
      await inspect(page, `visitor-${path.replace("/", "-")}`);
    });
  }

  test("the pages of a reader", async ({ page, context, api, reader: _ }) => {
    for (const path of ["blog/2", "account", "second-factor", "tokens"]) {
      await page.goto(`/${path}`);
      await inspect(page, `reader-${path.replace("/", "-")}`);
    }
    await spendReads(context.request, api, 5);
    await page.goto("/blog/3");
    await expect(page.locator(".paywall")).toBeVisible();
    await inspect(page, "reader-used-up");
  });
});
