import { FERRIES } from "../support/posts";
import { spendReads } from "../support/spend-reads";
import { pay } from "../support/stripe";
import { expect, test } from "../support/test";

test("a subscriber gives a post away, and a reader without an account opens it", async ({
  page,
  api,
  browser,
  reader,
  baseURL,
}) => {
  await pay(api, reader.id);
  await page.goto("/");
  await page.getByRole("link", { name: FERRIES.title }).click();
  await page.getByRole("button", { name: "Give this post away" }).click();
  await expect(page.getByText("The first person to open this link can read the post for free:")).toBeFocused();
  const link = new URL((await page.getByRole("link", { name: /gift=/ }).getAttribute("href")) ?? "");
  const path = `${link.pathname}${link.search}`;

  const stranger = await browser.newPage({ ...(baseURL && { baseURL }) });
  await stranger.goto(path);
  await expect(stranger.getByRole("heading", { level: 1, name: FERRIES.title })).toBeVisible();
  await expect(stranger.getByText("There is a bell")).toBeVisible();
  await expect(stranger.getByRole("button", { name: "Give this post away" })).toHaveCount(0);
  await stranger.reload();
  await expect(stranger.getByText("There is a bell")).toBeVisible();

  const late = await browser.newPage({ ...(baseURL && { baseURL }) });
  await late.goto(path);
  await expect(late).toHaveURL(/\/login\?next=/);
});

test("readers who do not subscribe give nothing away", async ({ page, context, api, reader: _ }) => {
  await spendReads(context.request, api, 1);
  await page.goto("/");
  await page.getByRole("link", { name: FERRIES.title }).click();
  await expect(page.getByText("There is a bell")).toBeVisible();
  await expect(page.getByText("3 of 5 free reads left")).toBeVisible();
  await expect(page.getByRole("button", { name: "Give this post away" })).toHaveCount(0);
});
