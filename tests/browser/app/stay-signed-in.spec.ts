import type { BrowserContext } from "@playwright/test";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

test("with the box ticked, the session survives closing the browser", async ({
  playwright,
  launchOptions,
  baseURL,
  user,
}, info) => {
  const open = () => playwright.chromium.launchPersistentContext(info.outputPath("profile"), { ...launchOptions });
  const before = await open();
  const page = await before.newPage();
  await page.goto(`${baseURL}/login`);
  await page.getByLabel("Stay signed in").check();
  await signIn(page, user);
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
  await before.close();

  const after = await open();
  const again = await after.newPage();
  await again.goto(`${baseURL}/`);
  await expect(again.getByRole("heading", { name: "Posts" })).toBeVisible();
  await after.close();
});

test("with the box ticked, the cookie expires after 30 days", async ({ page, context, user }) => {
  await page.goto("/login");
  await page.getByLabel("Stay signed in").check();
  await signIn(page, user);
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
  const inDays = ((await sessionCookie(context)).expires - Date.now() / 1000) / 86_400;
  expect(Math.round(inDays)).toBe(30);
});

test("without it, the cookie ends with the browser", async ({ page, context, user }) => {
  await page.goto("/login");
  await signIn(page, user);
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
  expect((await sessionCookie(context)).expires).toBe(-1);
});

async function sessionCookie(context: BrowserContext) {
  const cookie = (await context.cookies()).find(({ name }) => name === "session");
  if (!cookie) throw new Error("there is no session cookie");
  return cookie;
}
