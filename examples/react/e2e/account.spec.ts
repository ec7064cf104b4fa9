import { pay } from "./stripe";
import { expect, test } from "./test";

test("the account tells who one is and how one's reading stands", async ({ page, api, reader }) => {
  await page.goto("/account");
  await expect(page.getByText(reader.username)).toBeVisible();
  await expect(page.getByText("You have no subscription.")).toBeVisible();
  await expect(page.getByText("5 free reads left")).toBeVisible();
  await pay(api, reader.id);
  await page.reload();
  await expect(page.getByText("You subscribe.", { exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "Subscribe" })).toHaveCount(0);
});

test("a new password takes the place of the old one and signs the other devices out", async ({
  page,
  phone,
  request,
  api,
  reader: { username, password },
}) => {
  await page.goto("/account");
  await page.getByLabel("Current password").fill(password);
  await page.getByLabel("New password").fill("seven wiser toads");
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByText("Your password is changed.")).toBeVisible();
  await expect(page.getByLabel("Current password")).toHaveValue("");
  expect((await phone.get("/check_session")).status()).toBe(401);
  expect((await request.post(`${api}/login`, { data: { username, password } })).status()).toBe(400);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Account" })).toBeVisible();
});

test("what is wrong with a change of password is told at its field", async ({ page, reader: { password } }) => {
  await page.goto("/account");
  await page.getByLabel("Current password").fill("four sneaky frogs");
  await page.getByLabel("New password").fill("seven wiser toads");
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByLabel("Current password")).toHaveAccessibleDescription("Current password is not right.");
  await expect(page.getByLabel("Current password")).toBeFocused();
  await page.getByLabel("Current password").fill(password);
  await page.getByLabel("New password").fill("short");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("New password")).toBeFocused();
  await expect(page.getByLabel("New password")).toHaveAccessibleDescription(/must have at least 8 characters/);
});
