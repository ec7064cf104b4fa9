import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { DEPUTY } from "../servers/publish";
import { Authenticator } from "../support/authenticator";
import { enrol } from "../support/enrolled";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

// Waiting for the app's next code takes up to half a minute.
test.slow();

test("an app is enrolled, and its codes complete the sign-in", async ({ page, reader }) => {
  await page.goto("/account");
  await page.getByRole("button", { name: "Set up an authenticator app" }).click();
  await expect(page.getByText("Scan this with your authenticator app.")).toBeFocused();
  const authenticator = await shownAuthenticator(page);
  const image = page.getByRole("img", { name: "QR code" });
  await expect.poll(() => image.evaluate((qr: HTMLImageElement) => qr.naturalWidth)).toBeGreaterThan(0);

  await page.getByLabel("Code").fill("12345");
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByLabel("Code")).toHaveAccessibleDescription(/code/);
  await expect(page.getByLabel("Code")).toBeFocused();
  await page.getByLabel("Code").fill(await authenticator.code());
  await page.keyboard.press("Enter");
  await expect(page.getByText("Keep these recovery codes in a safe place.")).toBeFocused();
  const codes = await page.locator(".codes li").allTextContents();
  expect(codes).toHaveLength(10);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  expect((await download).suggestedFilename()).toBe("recovery-codes.txt");
  expect((await readFile(await (await download).path(), "utf8")).split("\n")).toEqual(codes);
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("Signing in needs a code from your authenticator app.")).toBeVisible();
  await expect(page.locator(".codes")).toHaveCount(0);

  await page.getByRole("button", { name: "Sign out" }).click();
  // Going on at once would abort the request.
  await expect(page.getByText("You have been signed out.")).toBeVisible();
  await page.goto("/devices");
  await signIn(page, reader);
  await expect(page.getByRole("heading", { name: "Second step" })).toBeVisible();
  await expect(page.getByLabel("Code")).toBeFocused();
  await page.keyboard.type("12345");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Code")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Code").fill(await authenticator.code());
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/devices");
  await expect(page.getByText("This device")).toBeVisible();
});

test("a recovery code replaces the app, and the last ones lead to new ones", async ({ page, context, api, reader }) => {
  const { recoveryCodes } = await enrol(context.request, api);
  const useCode = async (code = "") => {
    await context.clearCookies();
    await page.goto("/devices");
    await signIn(page, reader);
    await page.getByRole("button", { name: "Use a recovery code" }).click();
    await expect(page.getByLabel("Recovery code")).toBeFocused();
    await page.keyboard.type(code);
    await page.keyboard.press("Enter");
  };
  await useCode(recoveryCodes[0]);
  await expect(page).toHaveURL("/devices");
  await expect(page.getByText("This device")).toBeVisible();
  await useCode(recoveryCodes[0]);
  await expect(page.getByLabel("Recovery code")).toHaveAttribute("aria-invalid", "true");

  for (const code of recoveryCodes.slice(1, 6)) {
    expect((await context.request.post(`${api}/login`, { data: reader })).status()).toBe(401);
    const data = { method: "recovery_code", code };
    await expect(await context.request.post(`${api}/login/second-factor`, { data })).toBeOK();
  }
  await useCode(recoveryCodes[6]);
  await expect(page).toHaveURL("/account");
  await expect(page.getByText("You have 3 recovery codes left. Create new ones.")).toBeVisible();
  await page.getByRole("button", { name: "Create new recovery codes" }).click();
  await expect(page.locator(".codes li")).toHaveCount(10);
  await expect(page.locator(".codes")).not.toContainText(recoveryCodes[7] ?? "");
});

test("a trusted browser needs no code until it is forgotten", async ({ page, context, api, reader }) => {
  const { recoveryCodes } = await enrol(context.request, api);
  await page.goto("/devices");
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await signIn(page, reader);
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(recoveryCodes[0] ?? "");
  await page.getByLabel("Trust this browser").check();
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, reader);
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
  await page.getByRole("link", { name: "Devices" }).click();
  await expect(page.getByText("Trusted", { exact: true })).toBeVisible();

  await page.getByRole("link", { name: "Account" }).click();
  await page.getByRole("button", { name: "Forget trusted browsers" }).click();
  await expect(page.getByText("Signing in needs the second factor in every browser again.")).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, reader);
  await expect(page.getByRole("heading", { name: "Second step" })).toBeVisible();
});

test("an old session needs the password to remove the app", async ({ page, context, api, reader }) => {
  await enrol(context.request, api);
  await context.request.get(`${api}/check_session`, { headers: { "User-Agent": "another" } });
  await page.goto("/account");
  await page.getByRole("button", { name: "Remove the authenticator app" }).click();
  const dialog = page.getByRole("dialog", { name: "Confirm your password" });
  await dialog.getByLabel("Password").fill("four sneaky frogs");
  await page.keyboard.press("Enter");
  await expect(dialog.getByLabel("Password")).toHaveAccessibleDescription("Wrong password.");
  await dialog.getByLabel("Password").fill(reader.password);
  await page.keyboard.press("Enter");
  await expect(page.getByText("The authenticator app has been removed.")).toBeFocused();
  await expect(dialog).toHaveCount(0);
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, reader);
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
});

test("a second step that took too long leads back to the first", async ({ page, context, api, reader }) => {
  await enrol(context.request, api);
  await context.clearCookies();
  await page.goto("/devices");
  await signIn(page, reader);
  await expect(page.getByRole("heading", { name: "Second step" })).toBeVisible();
  await context.clearCookies();
  await page.getByLabel("Code").fill("123456");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Signing in took too long. Start again.")).toBeVisible();
  await expect(page).toHaveURL("/login?next=%2Fdevices");
  await signIn(page, reader);
  await page.getByRole("button", { name: "Start again" }).click();
  await expect(page.getByLabel("Password")).toBeVisible();
});

test("an admin must enrol an app first", async ({ page }) => {
  await page.goto("/devices");
  await signIn(page, DEPUTY);
  await expect(page).toHaveURL("/account");
  await expect(page.getByText("This site requires a second factor. Add one to continue.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Change password" })).toHaveCount(0);
  await page.getByRole("button", { name: "Set up an authenticator app" }).click();
  await page.getByLabel("Code").fill(await (await shownAuthenticator(page)).code());
  await page.keyboard.press("Enter");
  await expect(page.locator(".codes li")).toHaveCount(10);
  await expect(page.getByText("This site requires a second factor.")).toHaveCount(0);
  await expect(page.getByText("You have no subscription.")).toBeVisible();
  await expect(page.locator(".codes li")).toHaveCount(10);
});

async function shownAuthenticator(page: Page): Promise<Authenticator> {
  return new Authenticator((await page.getByText("Or type in this key:").locator("code").textContent()) ?? "");
}
