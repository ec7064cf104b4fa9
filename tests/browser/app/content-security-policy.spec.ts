import { FERRIES } from "../support/posts";
import { expect, test } from "../support/test";

test.skip(({ api, baseURL }) => api !== baseURL, "the development server sends no Content-Security-Policy");

/** Stricter than the server's own: no images from other sites, and nothing inline. */
const STRICT = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "manifest-src 'self'",
].join("; ");

test("the Content-Security-Policy forbids inline code", async ({ page }) => {
  const policy = (await page.goto("/login"))?.headers()["content-security-policy"];
  expect(policy).toMatch(/default-src '(self|none)'/);
  expect(policy).not.toContain("unsafe");
});

test("the app works with a stricter policy", async ({ page, reader: _ }) => {
  // Violations are logged to the console, which fails any test.
  await page.route("/", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": STRICT } });
  });
  await page.goto("/");
  await page.getByRole("link", { name: FERRIES.title }).click();
  await expect(page.getByText("4 of 5 free reads left")).toBeVisible();
  await page.getByRole("link", { name: "Devices" }).click();
  await expect(page.getByText("This device")).toBeVisible();
  await expect(page.locator("[style], script:not([src]), style")).toHaveCount(0);
});

test("opening an address of the app loads the app and costs no read", async ({ request, api }) => {
  const answer = await request.get(`${api}/blog/1`, { headers: { Accept: "text/html" } });
  await expect(answer).toBeOK();
  expect(await answer.text()).toContain('<div id="root">');
});
