import type { Locator, Page } from "@playwright/test";
import { Authenticator } from "../support/authenticator";
import { addPasskey } from "../support/passkeys";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

test.use({ viewport: { width: 760, height: 620 }, deviceScaleFactor: 1.5 });

const path = (name: string) => `screenshots/${test.info().project.name}/guide-${name}.png`;

test("the screenshots for the guide show an app that is being set up, and the second step", async ({
  page,
  reader,
}) => {
  await page.goto("/account");
  await page.getByRole("button", { name: "Set up an authenticator app" }).click();
  const section = page.getByRole("region", { name: "Second factor" });
  const secret = await section.locator("code").textContent();
  await shoot(page, section, "enrolment");
  await page.getByLabel("Code").fill(await new Authenticator(secret ?? "").code());
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: "Download" })).toBeVisible();

  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, reader);
  await expect(page.getByRole("heading", { name: "Second step" })).toBeVisible();
  // A button would look as if the mouse were over it.
  await page.mouse.move(0, 0);
  await page.screenshot({ path: path("second-step") });
});

test("the screenshots for the guide show a passkey, and the button that signs in with it", async ({
  page,
  phone,
  reader: _,
}) => {
  await addPasskey(page);
  const [{ id }] = await (await phone.get("/account/passkeys")).json();
  await expect(await phone.patch(`/account/passkeys/${id}`, { data: { name: "My phone" } })).toBeOK();
  await page.reload();
  await expect(page.getByRole("heading", { name: "My phone" })).toBeVisible();
  await shoot(page, page.getByRole("region", { name: "Passkeys" }), "passkeys");

  await page.getByRole("button", { name: "Sign out" }).click();
  // Going on at once would abort the request.
  await expect(page.getByText("You have been signed out.")).toBeVisible();
  await page.goto("/login");
  await expect(page.getByRole("button", { name: "Sign in with a passkey" })).toBeVisible();
  await page.mouse.move(0, 0);
  await page.screenshot({ path: path("passkey-sign-in") });
});

async function shoot(page: Page, section: Locator, name: string): Promise<void> {
  await page.evaluate(() => window.scrollTo(0, 0));
  const { x, y, width, height } = (await section.boundingBox()) ?? { x: 0, y: 0, width: 1, height: 1 };
  const clip = { x: x - 30, y: y + 1, width: width + 60, height: height + 30 };
  await page.screenshot({ path: path(name), fullPage: true, clip });
}
