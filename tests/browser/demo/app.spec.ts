import { inspect } from "../support/inspect";
import { FERRIES } from "../support/posts";
import { spendReads } from "../support/spend-reads";
import { expect, test } from "../support/test";

test.beforeEach(async ({ context, api, reader: _ }) => spendReads(context.request, api, 5));

test("a reader is refused, subscribes without paying, and reads on", async ({ page, reader }) => {
  await page.goto("/");
  await page.getByRole("link", { name: FERRIES.title }).click();
  await expect(page.getByText("There is a bell")).toHaveCount(0);
  await page.getByRole("link", { name: "Subscribe to continue" }).click();
  await expect(page.getByRole("heading", { name: "Demo checkout" })).toBeVisible();
  await expect(page.getByText(`for 30 days by ${reader.username}.`)).toBeVisible();
  await page.getByRole("button", { name: "Pay nothing and subscribe" }).click();

  await expect(page).toHaveURL("/");
  await page.getByRole("link", { name: FERRIES.title }).click();
  await expect(page.getByText("There is a bell")).toBeVisible();
  await expect(page.getByText("You have a subscription with unlimited reads.")).toBeVisible();
  await page.getByRole("link", { name: "Account" }).click();
  await expect(page.getByText(/^Your subscription is paid until/)).toBeVisible();
  await expect(page.getByRole("link", { name: "Manage subscription" })).toHaveAttribute(
    "href",
    "https://billing.example/login",
  );
});

test("the page is accessible in light and dark, at any width", async ({ page, api }) => {
  test.slow();
  await page.goto(`${api}/demo-checkout`);
  await inspect(page, "demo-checkout");
  await page.getByRole("button", { name: "Pay nothing and subscribe" }).click();
  // Going on at once would abort the request.
  await expect(page).toHaveURL(`${api}/`);
  await page.goto(`${api}/demo-checkout`);
  await expect(page.getByRole("status")).toHaveText("You already have a subscription.");
  await inspect(page, "demo-checkout-subscribed");
});
