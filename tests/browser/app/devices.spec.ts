import { expect, test } from "../support/test";

test("all devices are listed, and this one is marked", async ({ page, phone: _, reader: __ }) => {
  await page.goto("/devices");
  const devices = page.getByRole("main").getByRole("listitem");
  await expect(devices).toHaveCount(2);
  await expect(devices.filter({ hasText: "This device" })).toContainText("Chrome on");
  const elsewhere = devices.filter({ hasText: "Firefox Mobile on Android" });
  await expect(elsewhere).toContainText(/127\.0\.0\.1 · signed in .* · last seen /);
  await expect(elsewhere.getByRole("button", { name: "Sign out Firefox Mobile on Android" })).toBeVisible();
});

test("another device can be signed out", async ({ page, phone, reader: _ }) => {
  await page.goto("/devices");
  await page.getByRole("button", { name: "Sign out Firefox" }).click();
  await expect(page.getByText("Firefox Mobile on Android has been signed out.")).toBeFocused();
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(1);
  expect((await phone.get("/check_session")).status()).toBe(401);
});

test("all other devices can be signed out", async ({ page, phone, reader: _ }) => {
  await page.goto("/devices");
  await page.getByRole("button", { name: "Sign out all other devices" }).click();
  await expect(page.getByText("All other devices have been signed out.")).toBeFocused();
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(1);
  expect((await phone.get("/check_session")).status()).toBe(401);
});

test.describe("An old session", () => {
  test.beforeEach(async ({ page, context, api, phone: _, reader: __ }) => {
    // A session is no longer fresh after a request with another user agent.
    await context.request.get(`${api}/check_session`, { headers: { "User-Agent": "another" } });
    await page.goto("/devices");
    await page.getByRole("button", { name: "Sign out Firefox" }).click();
  });

  test("needs the password", async ({ page, phone, reader }) => {
    const dialog = page.getByRole("dialog", { name: "Confirm your password" });
    await expect(dialog.getByLabel("Password")).toBeFocused();
    await dialog.getByLabel("Password").fill("four sneaky frogs");
    await page.keyboard.press("Enter");
    await expect(dialog.getByLabel("Password")).toHaveAccessibleDescription("Wrong password.");
    await dialog.getByLabel("Password").fill(reader.password);
    await page.keyboard.press("Enter");
    await expect(page.getByText("Firefox Mobile on Android has been signed out.")).toBeFocused();
    expect((await phone.get("/check_session")).status()).toBe(401);
  });

  test("signs nobody out if the dialog is closed, which returns the focus to the button", async ({ page, phone }) => {
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Sign out Firefox" })).toBeFocused();
    expect((await phone.get("/check_session")).status()).toBe(200);
  });
});
