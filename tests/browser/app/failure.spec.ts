import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

test("an unreachable server is reported, with a button to try again", async ({ page, api, reader: _ }) => {
  await page.route(`${api}/check_session`, (route) => route.abort());
  await page.goto("/");
  const message = page.getByRole("alert").filter({ hasText: "The server cannot be reached." });
  await expect(message).toBeVisible();
  await page.unroute(`${api}/check_session`);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
});

test("a failed sign-out is reported on the page", async ({ page, api, reader: _ }) => {
  await page.route(`${api}/logout`, (route) => route.abort());
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("banner").getByRole("alert")).toContainText("The server cannot be reached.");
  await expect(page.getByRole("heading", { name: "Account", exact: true })).toBeVisible();
});

test("a post that failed to load is fetched again only on request", async ({ page, api, reader: _ }) => {
  let attempts = 0;
  await page.route(`${api}/blog/1`, (route) => {
    if (route.request().resourceType() === "document") return route.continue();
    attempts++;
    return route.abort();
  });
  await page.goto("/blog/1");
  await expect(page.getByText("The server cannot be reached.")).toBeVisible();
  expect(attempts).toBe(1);
  await page.unroute(`${api}/blog/1`);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("4 of 5 free reads left")).toBeVisible();
});

test("after too many attempts the page says when to try again", async ({ page, api, baseURL, user }) => {
  await page.clock.setFixedTime("2026-11-21T12:00:00");
  await page.route(`${api}/login`, (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    return route.fulfill({
      status: 429,
      headers: {
        "Access-Control-Allow-Origin": baseURL ?? "",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "Retry-After",
        "Retry-After": "299",
      },
      json: { code: "too_many_requests", error: "too many attempts, try again later" },
    });
  });
  await page.goto("/login");
  await signIn(page, user);
  await expect(page.getByRole("alert").filter({ hasText: "Too many attempts." })).toHaveText(
    "Too many attempts. Try again in 5 minutes, at 12:04:59.",
  );
});
