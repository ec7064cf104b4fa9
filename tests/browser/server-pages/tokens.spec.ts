import { expect, test } from "../support/test";
import { submit } from "./form";

test.use({ javaScriptEnabled: false });

test("a token is created and deleted", async ({ page, reader: _ }) => {
  await page.goto("/tokens");
  await page.getByLabel("Access").selectOption("Read posts and account data");
  await submit(page, "Create", { "Name to recognize it by": "a script", "Expires on Optional": "2099-01-01" });
  await expect(page.getByRole("status")).toContainText("Copy the new token now.");
  await expect(page.getByRole("status").locator("code")).toHaveText(/^tgt_/);
  await expect(page.getByRole("listitem")).toContainText("account · never used · expires on 1 January 2099");
  await page.getByRole("button", { name: "Delete a script" }).click();
  await expect(page.getByRole("listitem")).toHaveCount(0);
});
