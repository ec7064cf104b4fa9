import type { APIRequestContext, Page } from "@playwright/test";
import { FERRIES, HOSTILE } from "./posts";
import { expect, test } from "./test";

test("the list shows what is free of each post, and more of them when asked", async ({ page, reader: _ }) => {
  await page.goto("/");
  await expect(page.getByText(FERRIES.excerpt ?? "")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ has: page.getByRole("heading") })).toHaveCount(10);
  await page.getByRole("button", { name: "Load more" }).click();
  const posts = page.getByRole("main").getByRole("listitem");
  await expect(posts).toHaveCount(13);
  await expect(posts.nth(10).getByRole("link")).toBeFocused();
  await expect(page.getByRole("button", { name: "Load more" })).toHaveCount(0);
});

test("a post costs one read, and going back to it costs no other", async ({ page, context, api, reader: _ }) => {
  await open(page, FERRIES.title);
  await expect(page.getByText("4 free reads left")).toBeVisible();
  await page.getByRole("link", { name: "All posts" }).click();
  await page.getByRole("link", { name: FERRIES.title }).click();
  await expect(page.getByText("On the last crossing")).toBeVisible();
  await page.goBack();
  await page.goForward();
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(page.getByText("4 free reads left")).toBeVisible();
  expect(await used(context.request, api)).toBe(1);
});

test("what is left is told of all reads, not only of the page's last one", async ({
  page,
  context,
  api,
  reader: _,
}) => {
  await context.request.get(`${api}/blog/1`);
  await open(page, FERRIES.title);
  await expect(page.getByText("3 free reads left")).toBeVisible();
  const month = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" });
  const end = month.format(Date.now() + 30 * 86_400_000);
  await expect(page.getByText(`new ones on ${end}`)).toBeVisible();
});

test("a page's title and heading are those of the post, and reading aloud goes on there", async ({
  page,
  reader: _,
}) => {
  await open(page, FERRIES.title);
  await expect(page).toHaveTitle(`${FERRIES.title} · The Toll Gate`);
  await expect(page.getByRole("heading", { level: 1, name: FERRIES.title })).toBeFocused();
  await expect(page.getByRole("heading", { level: 2, name: "The jar" })).toBeVisible();
});

test("nothing in a post runs", async ({ page, reader: _ }) => {
  await open(page, HOSTILE.title);
  await expect(page.getByText("Nothing here may run.")).toBeVisible();
  await expect(page.locator(".prose :is(script, img)")).toHaveCount(0);
  await page.getByText("a link", { exact: true }).click();
  await expect(page).toHaveTitle(`${HOSTILE.title} · The Toll Gate`);
});

test("a post that is not there is told from one that is, and costs nothing", async ({
  page,
  context,
  api,
  reader: _,
}) => {
  for (const path of ["/blog/4711", "/blog/first"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  }
  expect(await used(context.request, api)).toBe(0);
});

async function open(page: Page, title: string): Promise<void> {
  await page.goto("/");
  await page.getByRole("link", { name: title }).click();
}

async function used(context: APIRequestContext, api: string): Promise<number> {
  const meter = await context.get(`${api}/meter`);
  return (await meter.json()).used;
}
