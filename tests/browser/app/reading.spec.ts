import type { APIRequestContext, Page } from "@playwright/test";
import { dayOfNewReads } from "../support/new-reads";
import { FERRIES, FREE, HOSTILE, pathOf, SHORT } from "../support/posts";
import { expect, test } from "../support/test";

test("the list shows the excerpts, and loads more posts on request", async ({ page, reader: _ }) => {
  await page.goto("/");
  await expect(page.getByText(FERRIES.excerpt ?? "")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ has: page.getByRole("heading") })).toHaveCount(10);
  await page.getByRole("button", { name: "Load more" }).click();
  const posts = page.getByRole("main").getByRole("listitem");
  await expect(posts).toHaveCount(13);
  await expect(posts.nth(10).getByRole("link")).toBeFocused();
  await expect(page.getByRole("button", { name: "Load more" })).toHaveCount(0);
});

test("a post costs one read, and going back to it costs no more", async ({ page, context, api, reader: _ }) => {
  await open(page, FERRIES.title);
  await expect(page.getByText("4 of 5 free reads left")).toBeVisible();
  await page.getByRole("link", { name: "All posts" }).click();
  await page.getByRole("link", { name: FERRIES.title }).click();
  await expect(page.getByText("There is a bell")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: "Posts" })).toBeVisible();
  await page.goForward();
  await expect(page.getByText("There is a bell")).toBeVisible();
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(page.getByText("4 of 5 free reads left")).toBeVisible();
  expect(await used(context.request, api)).toBe(1);
});

test("the meter includes reads made elsewhere", async ({ page, context, api, reader: _ }) => {
  await context.request.get(`${api}/blog/1`);
  await open(page, FERRIES.title);
  await expect(page.getByText("3 of 5 free reads left")).toBeVisible();
  await expect(page.getByText(new RegExp(`until ${dayOfNewReads("long")}`))).toBeVisible();
});

test("a free post needs no session, and has no meter without one", async ({ page, api }) => {
  const meters: string[] = [];
  page.on("request", (request) => request.url() === `${api}/meter` && meters.push(request.url()));
  await page.goto(pathOf(FREE));
  await expect(page.getByRole("heading", { level: 1, name: FREE.title })).toBeVisible();
  await expect(page.getByText("The rest is in the parish records")).toBeVisible();
  await expect(page.getByText(/free reads? left/)).toHaveCount(0);
  expect(meters).toEqual([]);
  await page.getByRole("link", { name: "All posts" }).click();
  await expect(page).toHaveURL("/login");
});

test("a post sets the title of the tab, and its heading gets the focus", async ({ page, reader: _ }) => {
  await open(page, FERRIES.title);
  await expect(page).toHaveTitle(`${FERRIES.title} · The Toll Gate`);
  await expect(page.getByRole("heading", { level: 1, name: FERRIES.title })).toBeFocused();
  await expect(page.getByRole("heading", { level: 2, name: "The jar" })).toBeVisible();
});

test("nothing in a post can run", async ({ page, reader: _ }) => {
  await open(page, HOSTILE.title);
  await expect(page.getByText("Nothing here may run.")).toBeVisible();
  await expect(page.locator(".prose :is(script, img)")).toHaveCount(0);
  await page.getByText("a link", { exact: true }).click();
  await expect(page).toHaveTitle(`${HOSTILE.title} · The Toll Gate`);
});

test("a post that does not exist is a page not found, and costs no read", async ({ page, context, api, reader: _ }) => {
  for (const path of ["/blog/4711", "/blog/first"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
  }
  expect(await used(context.request, api)).toBe(0);
});

test("a paragraph has a drop cap only while it is taller than the cap", async ({ page, reader: _ }) => {
  await open(page, SHORT.title);
  await expect(page.locator(".prose > p").first()).toContainText(SHORT.excerpt ?? "");
  await expect(page.locator(".drop-cap")).toHaveCount(0);
  await page.setViewportSize({ width: 120, height: 800 });
  await expect(page.locator(".drop-cap")).toHaveCount(1);
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect(page.locator(".drop-cap")).toHaveCount(0);
  await open(page, FERRIES.title);
  await expect(page.locator(".drop-cap")).toContainText("On the last crossing");
});

test("Markdown is rendered", async ({ page, reader: _ }) => {
  await open(page, FERRIES.title);
  const prose = page.locator(".prose");
  await expect(prose.getByRole("heading", { level: 2, name: "What it costs" })).toBeVisible();
  await expect(prose.getByRole("listitem")).toHaveCount(3);
  await expect(prose.getByRole("blockquote")).toContainText("A gate asks before it opens.");
  await expect(prose.getByRole("emphasis").first()).toContainText("People pay for a crossing");
});

async function open(page: Page, title: string): Promise<void> {
  await page.goto("/");
  await page.getByRole("link", { name: title }).click();
}

async function used(context: APIRequestContext, api: string): Promise<number> {
  const meter = await context.get(`${api}/meter`);
  return (await meter.json()).used;
}
