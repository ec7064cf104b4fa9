import { randomUUID } from "node:crypto";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../support/test";

test.slow();

test("the API documentation loads everything from its own server, on any host", async ({ page, api }) => {
  // Swagger UI behaves differently on localhost.
  const elsewhere = "https://tollgate.example";
  const origins = new Set<string>();
  page.on("request", (request) => origins.add(new URL(request.url()).origin));
  await page.route("**", async (route) => {
    const { origin, pathname } = new URL(route.request().url());
    if (origin !== elsewhere) return route.abort();
    await route.fulfill({ response: await route.fetch({ url: `${api}${pathname}` }) });
  });
  await page.goto(`${elsewhere}/docs/`);
  await expect(page.getByRole("heading", { name: /^tollgate/i })).toBeVisible();
  await expect(operation(page, "Sign-in-login")).toBeVisible();
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: screenshot("docs") });
  expect([...origins].filter((origin) => origin !== "null")).toEqual([elsewhere]);
});

test("registering, signing in, reading and signing out work in the API documentation", async ({ page, api }) => {
  const username = `reader-${randomUUID().slice(0, 8)}`;
  const body = JSON.stringify({ username, password: "four sneaky newts" });
  const origins = new Set<string>();
  page.on("request", (request) => origins.add(new URL(request.url()).origin));
  await page.goto("/docs/");

  for (const [id, status] of [
    ["Sign-in-register", "201"],
    ["Sign-in-login", "200"],
  ] as const) {
    const call = await open(page, id);
    await call.locator("textarea").fill(body);
    await execute(call, status);
  }

  const session = await open(page, "Sign-in-checkSession");
  await execute(session, "200");
  await expect(session.locator(".live-responses-table")).toContainText(`"username": "${username}"`);

  const post = await open(page, "Posts-getPost");
  await post.getByPlaceholder("id").fill("1");
  await execute(post, "200");
  await expect(post.locator(".live-responses-table")).toContainText("x-reads-remaining: 4");
  await post.locator(".live-responses-table").scrollIntoViewIfNeeded();
  await page.screenshot({ path: screenshot("docs-post") });

  await execute(await open(page, "Sign-in-logout"), "204");
  await execute(session, "401");
  expect([...origins].filter((origin) => origin !== "null")).toEqual([api]);
});

function operation(page: Page, id: string): Locator {
  return page.locator(`#operations-${id}`);
}

async function open(page: Page, id: string): Promise<Locator> {
  await operation(page, id).locator(".opblock-summary-control").click();
  return operation(page, id);
}

async function execute(operation: Locator, status: string): Promise<void> {
  await operation.getByRole("button", { name: "Execute" }).click();
  await expect(operation.locator(".live-responses-table .response-col_status").last()).toContainText(status);
}

function screenshot(name: string): string {
  return `screenshots/${test.info().project.name}/${name}.png`;
}
