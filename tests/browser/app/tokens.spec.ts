import { expect, test } from "../support/test";

test("a token is created, used and deleted", async ({ page, api, playwright, reader: _ }) => {
  await page.goto("/account");
  await page.getByLabel("Name", { exact: true }).fill("a script");
  await page.getByLabel("Access").selectOption("Read posts and account data");
  await page.getByLabel("Expires on").fill("2099-01-01");
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(page.getByText("Copy the new token now. It is not shown again.")).toBeFocused();
  const token = await page.getByText(/^tgt_/).textContent();
  const item = page.getByRole("listitem").filter({ hasText: "a script" });
  await expect(item).toContainText("account · never used · expires on 1 January 2099");
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText(/^tgt_/)).toHaveCount(0);

  const program = await playwright.request.newContext({
    baseURL: api,
    extraHTTPHeaders: { Authorization: `Bearer ${token}` },
  });
  expect((await program.get("/subscription")).status()).toBe(200);
  expect((await program.get("/sessions")).status()).toBe(403);
  await page.reload();
  await expect(item).toContainText("last used on");
  await page.getByRole("button", { name: "Delete a script" }).click();
  await expect(page.getByText("The token has been deleted.")).toBeVisible();
  await expect(item).toHaveCount(0);
  expect((await program.get("/subscription")).status()).toBe(401);
  await program.dispose();
});

test("a session that is not fresh needs the password", async ({ page, context, api, reader }) => {
  await context.request.get(`${api}/check_session`, { headers: { "User-Agent": "another" } });
  await page.goto("/account");
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveAccessibleDescription("This must not be empty.");
  await page.getByLabel("Name", { exact: true }).fill("a script");
  await page.getByRole("button", { name: "Create token" }).click();
  const dialog = page.getByRole("dialog", { name: "Confirm your password" });
  await dialog.getByLabel("Password").fill(reader.password);
  await dialog.getByRole("button", { name: "Create token" }).click();
  await expect(page.getByText(/^tgt_/)).toBeVisible();
});
