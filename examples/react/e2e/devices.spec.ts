import { expect, test } from "./test";

test("one sees where one is signed in, and which of it is here", async ({ page, phone: _, reader: __ }) => {
  await page.goto("/devices");
  const devices = page.getByRole("main").getByRole("listitem");
  await expect(devices).toHaveCount(2);
  await expect(devices.filter({ hasText: "This device" })).toContainText("Chrome on");
  const elsewhere = devices.filter({ hasText: "Firefox Mobile on Android" });
  await expect(elsewhere).toContainText(/127\.0\.0\.1 · signed in .* · last seen /);
  await expect(elsewhere.getByRole("button", { name: "Sign out there: Firefox Mobile on Android" })).toBeVisible();
});

test("one signs out on another device", async ({ page, phone, reader: _ }) => {
  await page.goto("/devices");
  await page.getByRole("button", { name: "Sign out there" }).click();
  await expect(page.getByText("Firefox Mobile on Android is signed out.")).toBeFocused();
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(1);
  expect((await phone.get("/check_session")).status()).toBe(401);
});

test("one signs out everywhere else", async ({ page, phone, reader: _ }) => {
  await page.goto("/devices");
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(page.getByText("You are signed out everywhere else.")).toBeFocused();
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(1);
  expect((await phone.get("/check_session")).status()).toBe(401);
});

test.describe("After a while", () => {
  test.beforeEach(async ({ page, context, api, phone: _, reader: __ }) => {
    // A session that comes with another user agent is not fresh any more.
    await context.request.get(`${api}/check_session`, { headers: { "User-Agent": "another" } });
    await page.goto("/devices");
    await page.getByRole("button", { name: "Sign out there" }).click();
  });

  test("the password is asked for and sent along", async ({ page, phone, reader }) => {
    const dialog = page.getByRole("dialog", { name: "Is it you?" });
    await expect(dialog.getByLabel("Password")).toBeFocused();
    await dialog.getByLabel("Password").fill("four sneaky frogs");
    await page.keyboard.press("Enter");
    await expect(dialog.getByLabel("Password")).toHaveAccessibleDescription("Password is not right.");
    await dialog.getByLabel("Password").fill(reader.password);
    await page.keyboard.press("Enter");
    await expect(page.getByText("Firefox Mobile on Android is signed out.")).toBeFocused();
    expect((await phone.get("/check_session")).status()).toBe(401);
  });

  test("who does not give it signs nobody out, and is back at the button", async ({ page, phone }) => {
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Sign out there" })).toBeFocused();
    expect((await phone.get("/check_session")).status()).toBe(200);
  });
});
