import { expect, test } from "../console/admin";

test.use({ javaScriptEnabled: false });

// After all other tests of the console, whose sessions it ends.
test("everybody but the admin is signed out", async ({ page, phone }) => {
  await expect(await phone.get("/check_session")).toBeOK();
  await page.goto("/admin/users");
  await page.getByRole("link", { name: "Sign everybody out" }).click();
  await expect(page.getByText("Every user is signed out on every device")).toBeVisible();
  await page.getByRole("button", { name: "Sign everybody out" }).click();
  await expect(page.getByRole("status")).toHaveText("Everybody else is signed out.");
  expect((await phone.get("/check_session")).status()).toBe(401);
});
