import type { Page } from "@playwright/test";
import { Authenticator } from "../support/authenticator";
import { enrol } from "../support/enrolled";
import { expect, test } from "../support/test";
import { submit } from "./form";

test.use({ javaScriptEnabled: false });
// Waiting for the app's next code takes up to half a minute.
test.slow();

/** Not `getByLabel`: the QR code's name contains that of the field. */
const codeField = (page: Page) => page.getByRole("textbox", { name: /^Code/ });

async function submitCode(page: Page, button: string, code: string): Promise<void> {
  await codeField(page).fill(code);
  await page.getByRole("button", { name: button }).click();
}

test("an app is enrolled, and its codes complete the sign-in", async ({ page, reader }) => {
  await page.goto("/account");
  await page.getByRole("link", { name: "Add a second factor" }).click();
  await page.getByRole("button", { name: "Set up an authenticator app" }).click();
  await expect(page.getByRole("img", { name: "QR code" })).toBeVisible();
  const secret = await page.getByText("Or type in this key:").locator("code").textContent();
  const authenticator = new Authenticator(secret ?? "");
  await submitCode(page, "Confirm", "12345");
  await expect(codeField(page)).toBeFocused();
  await expect(codeField(page)).toHaveAccessibleDescription("This code is incorrect, or was used before.");
  await submitCode(page, "Confirm", await authenticator.code());
  await expect(page.getByRole("status")).toContainText("Keep these recovery codes in a safe place.");
  await expect(page.locator(".codes li")).toHaveCount(10);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  expect((await download).suggestedFilename()).toBe("recovery-codes.txt");
  await page.getByRole("link", { name: "Back to your account" }).click();

  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto("/meter");
  await submit(page, "Sign in", { Username: reader.username, Password: reader.password });
  await expect(page).toHaveURL("/login/second-factor?next=%2Fmeter");
  await expect(codeField(page)).toBeFocused();
  await submitCode(page, "Sign in", "12345");
  await expect(codeField(page)).toHaveAccessibleDescription("This code is incorrect, or was used before.");
  await submitCode(page, "Sign in", await authenticator.code());
  await expect(page).toHaveURL("/meter");
});

test("a recovery code signs in, and the browser can be trusted", async ({ page, context, api, reader }) => {
  const { recoveryCodes } = await enrol(context.request, api);
  await page.goto("/");
  await page.getByRole("button", { name: "Sign out" }).click();
  await submit(page, "Sign in", { Username: reader.username, Password: reader.password });
  await page.getByRole("link", { name: "Use a recovery code" }).click();
  // The page before has such a box, too.
  await expect(page.getByLabel("Recovery code")).toBeVisible();
  await page.getByLabel("Trust this browser").check();
  await submit(page, "Sign in", { "Recovery code": "wrong" });
  await expect(page.getByLabel("Recovery code")).toHaveAccessibleDescription(/^This code is incorrect/);
  await expect(page.getByLabel("Trust this browser")).toBeChecked();
  await submit(page, "Sign in", { "Recovery code": recoveryCodes[0] ?? "" });
  await expect(page.getByRole("link", { name: "Account", exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Sign out" }).click();
  await submit(page, "Sign in", { Username: reader.username, Password: reader.password });
  await expect(page.getByRole("link", { name: "Account", exact: true })).toBeVisible();
});

test("recovery codes are replaced and the app is removed, in an old session with the password", async ({
  page,
  context,
  api,
  reader,
}) => {
  const { recoveryCodes } = await enrol(context.request, api);
  await context.request.get(`${api}/check_session`, { headers: { "User-Agent": "another" } });
  await page.goto("/second-factor");
  await submit(page, "Create new recovery codes", { Password: "four sneaky frogs" });
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription("Incorrect password.");
  await submit(page, "Create new recovery codes", { Password: reader.password });
  await expect(page.locator(".codes li")).toHaveCount(10);
  await expect(page.locator(".codes")).not.toContainText(recoveryCodes[0] ?? "");

  await page.goto("/second-factor");
  await submit(page, "Remove the authenticator app", { Password: reader.password });
  await expect(page.getByRole("button", { name: "Set up an authenticator app" })).toBeVisible();
});

test("the second step needs the first", async ({ page, context, api, reader }) => {
  await enrol(context.request, api);
  await context.clearCookies();
  await page.goto("/login/second-factor?next=%2Fmeter");
  await expect(page).toHaveURL("/login?next=%2Fmeter");
  await submit(page, "Sign in", { Username: reader.username, Password: reader.password });
  await expect(codeField(page)).toBeVisible();
  await context.clearCookies();
  await submitCode(page, "Sign in", "123456");
  await expect(page.getByRole("alert")).toHaveText("Signing in took too long. Start again.");
});
