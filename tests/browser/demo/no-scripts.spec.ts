import { submit } from "../server-pages/form";
import { spendReads } from "../support/spend-reads";
import { expect, test } from "../support/test";

test.use({ javaScriptEnabled: false });

test("the account page leads to the demo checkout and back", async ({ page, context, api, reader: _ }) => {
  await spendReads(context.request, api, 5);
  await page.goto(`${api}/account`);
  await expect(page.getByText("0 of 5 free reads left")).toBeVisible();
  await page.getByRole("link", { name: "Subscribe" }).click();
  await expect(page.getByText("Nothing is paid here")).toBeVisible();
  await page.getByRole("link", { name: "Back without subscribing" }).click();
  await expect(page.getByText("0 of 5 free reads left")).toBeVisible();
  await page.getByRole("link", { name: "Subscribe" }).click();
  await page.getByRole("button", { name: "Pay nothing and subscribe" }).click();
  await expect(page).toHaveURL(`${api}/account`);
  await expect(page.getByText("You have a subscription with unlimited reads.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Manage or cancel your subscription" })).toHaveAttribute(
    "href",
    "https://billing.example/login",
  );
});

test("signing in comes first", async ({ page, api, baseURL, user }) => {
  await page.goto(`${api}/demo-checkout?next=${encodeURIComponent(`${baseURL}/`)}`);
  await submit(page, "Sign in", { "Username or email address": user.username, Password: user.password });
  await page.getByRole("button", { name: "Pay nothing and subscribe" }).click();
  await expect(page).toHaveURL(`${baseURL}/`);
});
