import { dayOfNewReads } from "../support/new-reads";
import { FERRIES } from "../support/posts";
import { spendReads } from "../support/spend-reads";
import { pay } from "../support/stripe";
import { expect, test } from "../support/test";

test.beforeEach(async ({ page, context, api, reader: _ }) => {
  await spendReads(context.request, api, 5);
  await page.goto("/");
  await page.getByRole("link", { name: FERRIES.title }).click();
});

test("without reads left, the excerpt and the date of new reads are shown", async ({ page }) => {
  await expect(page.getByRole("heading", { level: 1, name: FERRIES.title })).toBeFocused();
  await expect(page.getByRole("heading", { name: "You have used your 5 free reads" })).toBeVisible();
  await expect(page.getByText(FERRIES.excerpt ?? "")).toBeVisible();
  await expect(page.getByText("There is a bell")).toHaveCount(0);
  await expect(page.getByText(new RegExp(`You get new free reads on ${dayOfNewReads("medium")}`))).toBeVisible();
});

test("the payment link names the reader", async ({ page, reader }) => {
  await expect(page.getByRole("link", { name: "Subscribe to continue" })).toHaveAttribute(
    "href",
    `https://buy.example/plan?client_reference_id=${reader.id}`,
  );
});

test("the post is shown once the payment has arrived", async ({ page, api, reader }) => {
  const check = page.getByRole("button", { name: "Check again" });
  await check.click();
  await expect(page.getByText("Your payment has not arrived yet.")).toBeVisible();
  await pay(api, reader.id);
  await check.click();
  await expect(page.getByText("There is a bell")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: FERRIES.title })).toBeVisible();
  await expect(page.getByText("You have a subscription with unlimited reads.")).toBeVisible();
});
