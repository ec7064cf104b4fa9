import { readFile } from "node:fs/promises";
import type { APIRequestContext, Page } from "@playwright/test";
import { ADMIN, UNDELIVERED } from "../servers/console";
import { pay, payForNobody } from "../support/stripe";
import type { User } from "../support/test";
import { expect, test } from "./admin";

test.use({ javaScriptEnabled: false });

/** A red square. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGM4oaGBFTEMLQkAVw5AAQ1xYq0AAAAASUVORK5CYII=",
  "base64",
);

async function find(page: Page, typed: string, name: string) {
  await page.goto("/admin");
  await page.getByRole("link", { name: "Users" }).click();
  await page.getByLabel("Start of a name or an email address").fill(typed);
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
}

async function signIn(request: APIRequestContext, api: string, { username, password }: User): Promise<number> {
  return (await request.post(`${api}/login`, { data: { username, password } })).status();
}

test("somebody who is not signed in gets to the console by the login", async ({ page, context }) => {
  await context.clearCookies();
  await page.goto("/admin/users");
  await page.getByLabel("Username").fill(ADMIN.username);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Users", level: 1 })).toBeVisible();
});

test("a reader is told that the console is not for readers", async ({ page, context, api, user }) => {
  await context.clearCookies();
  await expect(await context.request.post(`${api}/login`, { data: user })).toBeOK();
  expect((await page.goto("/admin"))?.status()).toBe(403);
  await expect(page.getByText("Your account may not use this part of the console.")).toBeVisible();
});

test("a reader is found by address", async ({ page, request, api, user }) => {
  await signIn(request, api, user);
  const email = `${user.username}@example.org`;
  await expect(await request.patch(`${api}/account`, { data: { email } })).toBeOK();
  await find(page, email.slice(0, -4), user.username);
  await expect(page.getByRole("region", { name: "Account" }).getByText(email)).toBeVisible();
});

test("a lockout is lifted", async ({ page, request, api, user }) => {
  for (let guesses = 0; guesses < 5; guesses++) await signIn(request, api, { ...user, password: "a wrong one" });
  expect(await signIn(request, api, user)).toBe(429);
  await find(page, user.username, user.username);
  await page.getByRole("button", { name: "Lift the lockout" }).click();
  await expect(page.getByRole("status")).toHaveText("The lockout is lifted. The user may try again at once.");
  await expect(page.getByRole("region", { name: "Locked out" })).toHaveCount(0);
  expect(await signIn(request, api, user)).toBe(200);
});

test("three extra reads are given", async ({ page, phone, user }) => {
  for (let reads = 0; reads < 5; reads++) await expect(await phone.get("/blog/1")).toBeOK();
  await find(page, user.username, user.username);
  const reads = page.getByRole("region", { name: "Reads" });
  await expect(reads).toContainText("5 / 5");
  await reads.getByLabel("Extra reads").fill("3");
  await reads.getByRole("button", { name: "Give" }).click();
  await expect(reads).toContainText("2 / 5");
  await expect(await phone.get("/blog/1")).toBeOK();
});

test("all sessions of a reader are ended", async ({ page, phone, user }) => {
  await find(page, user.username, user.username);
  await expect(page.getByText("Firefox Mobile on Android")).toBeVisible();
  await page.getByRole("link", { name: "End all sessions" }).click();
  await expect(page.getByText("The user is signed out on every device")).toBeVisible();
  await page.getByRole("button", { name: "End all sessions" }).click();
  await expect(page.getByRole("status")).toBeVisible();
  expect((await phone.get("/check_session")).status()).toBe(401);
});

test("a post with a picture is written, scheduled and corrected", async ({ page, request, api }) => {
  await page.goto("/admin");
  await page.getByRole("link", { name: "Posts" }).click();
  await page.getByRole("link", { name: "New post" }).click();
  await page.getByLabel("Title").fill("On ferries");
  await page.getByLabel("Text").fill("A **ferry** crosses.");
  await page.getByLabel("Access").selectOption("Free");
  await page
    .getByLabel("Picture from your device")
    .setInputFiles({ name: "ferry.png", mimeType: "image/png", buffer: PICTURE });
  await page.getByRole("button", { name: "Add to the text" }).click();
  await expect(page.getByLabel("Text")).toHaveValue(/A \*\*ferry\*\* crosses\.\n\n!\[\]\(\/media\/[0-9a-f]{64}\.png\)/);
  await page.getByRole("button", { name: "Preview" }).click();
  const preview = page.getByRole("region", { name: "Preview" });
  await expect(preview.locator("strong")).toHaveText("ferry");
  await expect(preview.locator("img")).toHaveJSProperty("naturalWidth", 8);

  await page.getByLabel("Publication date").fill("2099-01-02T08:30");
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByRole("status")).toHaveText("The post is scheduled.");
  const path = new URL(page.url()).pathname.replace("/admin/posts/", "/blog/");
  expect((await request.get(`${api}${path}`)).status()).toBe(401);

  await page.getByLabel("Publication date").fill("");
  await page.getByLabel("Text").fill("A ferry crosses at noon.");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status")).toHaveText("The post is saved.");
  const read = await request.get(`${api}${path}`);
  expect((await read.json()).data).toBe("A ferry crosses at noon.");

  await page.getByRole("link", { name: "Delete this post" }).click();
  await page.getByRole("button", { name: "Delete this post" }).click();
  await expect(page.getByRole("status")).toHaveText("The post is deleted.");
});

test("which post converts is seen", async ({ page, context, api, phone, user }) => {
  const title = `On locks ${user.id}`;
  const post = await context.request.post(`${api}/blog`, { data: { title, data: "A lock lifts a boat." } });
  const path = `/blog/${(await post.json()).id}`;
  for (let reads = 0; reads < 5; reads++) await expect(await phone.get(path)).toBeOK();
  for (let refusals = 0; refusals < 2; refusals++) expect((await phone.get(path)).ok()).toBe(false);
  await pay(api, user.id);
  await page.goto("/admin");
  await page.getByRole("link", { name: "Posts" }).click();
  await page.getByLabel("Sort by").selectOption("Subscriptions");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByRole("columnheader", { name: "Subscriptions" })).toHaveAttribute("aria-sort", "descending");
  const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: title, exact: true }) });
  await expect(row.locator(".number")).toHaveText(["5", "1", "2", "0", "1"]);
});

test("a payment that belongs to no account is assigned", async ({ page, api, phone, user }) => {
  const id = `cs_${user.id}`;
  await payForNobody(api, id, "payer@elsewhere.example");
  await page.goto("/admin");
  await page.getByRole("link", { name: "Payments that belong to no account" }).click();
  await page.getByRole("link", { name: id }).click();
  await page.getByLabel("User").fill(user.username);
  await page.getByRole("button", { name: "Assign payment" }).click();
  await expect(page.getByRole("status")).toHaveText("The payment is assigned.");
  expect((await (await phone.get("/meter")).json()).subscribed).toBe(true);
});

test("a message that could not be delivered is sent again", async ({ page }) => {
  await page.goto("/admin");
  await page.getByRole("link", { name: "Messages that could not be delivered" }).click();
  const message = page.getByRole("row").filter({ hasText: UNDELIVERED });
  await expect(message).toContainText("550 no such user");
  await message.getByRole("button", { name: "Send again" }).click();
  await expect(page.getByRole("status")).toHaveText("The message is being sent again.");
});

test("a person's data is exported, and the account deleted", async ({ page, request, api, user }) => {
  await find(page, user.username, user.username);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export as JSON" }).click();
  const exported = JSON.parse(await readFile(await (await download).path(), "utf8"));
  expect(exported.user.username).toBe(user.username);
  await page.getByRole("link", { name: "Delete the account" }).click();
  await expect(page.getByText("This cannot be undone")).toBeVisible();
  await page.getByRole("button", { name: "Delete account" }).click();
  await expect(page.getByRole("status")).toHaveText("The account is deleted.");
  expect(await signIn(request, api, user)).toBe(404);
});

test("nothing that a reader is called runs", async ({ page, request, api }) => {
  const username = `<img/src=x/onerror=alert(1)>${Date.now()}`;
  await expect(await request.post(`${api}/register`, { data: { username, password: "four sneaky newts" } })).toBeOK();
  await find(page, "<img", username);
  await expect(page.locator("img")).toHaveCount(0);
});
