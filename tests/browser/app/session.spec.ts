import type { Page } from "@playwright/test";
import { FERRIES, pathOf } from "../support/posts";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

test("a signed-in user never sees the sign-in form, even if the check is slow", async ({ page, api, reader: _ }) => {
  const { requested, respond } = hold(page, `${api}/check_session`);
  await page.goto("/");
  await requested;
  await expect(page.getByText("Loading…")).toBeVisible();
  await expect(page.getByLabel("Password")).toHaveCount(0);
  respond();
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
});

test("signing in leads to the page that was requested", async ({ page, user }) => {
  await page.goto("/devices");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeFocused();
  await signIn(page, user);
  await expect(page).toHaveURL("/devices");
  await expect(page.getByRole("heading", { name: "Devices" })).toBeFocused();
});

for (const path of ["/", pathOf(FERRIES)]) {
  test(`without a session nothing of ${path} is shown, and signing in leads back to it`, async ({
    page,
    api,
    user,
  }) => {
    const { requested, respond } = hold(page, path === "/" ? `${api}/blog?limit=10` : `${api}${path}`);
    await page.goto(path);
    await requested;
    await expect(page.getByRole("main")).toHaveText(/^Loading posts?…$/);
    respond();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeFocused();
    await expect(page.getByRole("status")).toBeEmpty();
    await signIn(page, user);
    await expect(page).toHaveURL(path);
    await expect(page.getByText("free reads left")).toBeVisible();
  });
}

test("after a session has ended elsewhere, going back shows nothing that the user has read", async ({
  page,
  phone,
  reader,
}) => {
  await page.goto(pathOf(FERRIES));
  await expect(page.getByText("There is a bell")).toBeVisible();
  await page.getByRole("link", { name: "All posts" }).click();
  await expect(page.getByText("4 of 5 free reads left")).toBeVisible();
  await phone.delete("/sessions");
  await page.getByRole("link", { name: "Devices" }).click();
  await expect(page.getByText("Your session was ended from another device.")).toBeVisible();
  // The form of the page before looks the same.
  await page.goBack();
  await expect(page).toHaveURL("/login");
  await expect(page.getByLabel("Password")).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(`/login?next=${encodeURIComponent(pathOf(FERRIES))}`);
  await expect(page.getByLabel("Password")).toBeVisible();
  await signIn(page, reader);
  await expect(page).toHaveURL(pathOf(FERRIES));
});

test("signing in never leads to another site", async ({ page, user, baseURL }) => {
  await page.goto("/login?next=//elsewhere.example/");
  await signIn(page, user);
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
  await expect(page).toHaveURL(`${baseURL}/`);
});

test("a wrong password is an error at its field, which gets the focus", async ({ page, user }) => {
  await page.goto("/login");
  await signIn(page, { ...user, password: "four sneaky frogs" });
  const password = page.getByLabel("Password");
  await expect(password).toBeFocused();
  await expect(password).toHaveAttribute("aria-invalid", "true");
  await expect(password).toHaveAccessibleDescription("Wrong password.");
  await expect(page.getByLabel("Username")).toHaveValue(user.username);
});

test("an unknown username is an error at its field", async ({ page }) => {
  await page.goto("/login");
  await signIn(page, { username: "nobody-at-all", password: "four sneaky newts" });
  await expect(page.getByLabel("Username")).toHaveAccessibleDescription("User not found.");
});

test("signing out ends the session", async ({ page, context, api, reader: _ }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Account" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("You have been signed out.")).toBeVisible();
  await expect(page).toHaveURL("/login");
  expect((await context.request.get(`${api}/check_session`)).status()).toBe(401);
  await page.goBack();
  await expect(page.getByLabel("Password")).toBeVisible();
});

test("other tabs follow when a user signs out and in", async ({ page, context, reader }) => {
  const other = await context.newPage();
  await page.goto("/");
  await other.goto("/devices");
  await expect(other.getByText("This device")).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(other.getByText("You have been signed out.")).toBeVisible();
  await signIn(page, reader);
  await expect(other.getByRole("heading", { name: "Posts" })).toBeVisible();
});

test("a session ended elsewhere leads to the sign-in form, and from there back", async ({ page, phone, reader }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Account" }).click();
  await expect(page.getByText("You have no subscription.")).toBeVisible();
  await phone.delete("/sessions");
  await page.getByRole("link", { name: "Devices" }).click();
  await expect(page.getByText("Your session was ended from another device. Sign in to continue.")).toBeVisible();
  await signIn(page, reader);
  await expect(page).toHaveURL("/devices");
  await expect(page.getByText("This device")).toBeVisible();
});

test("an expired session is reported as such", async ({ page, context, reader }) => {
  await page.clock.install();
  await page.goto("/");
  // Nothing is being loaded that would need the cookie.
  await expect(page.getByRole("link", { name: FERRIES.title })).toBeVisible();
  await expect(page.getByText("5 of 5 free reads left")).toBeVisible();
  await page.clock.setSystemTime(Date.now() + 8 * 86_400_000);
  await context.clearCookies({ name: "session" });
  await page.getByRole("link", { name: "Devices" }).click();
  await expect(page.getByText("Your session has expired. Sign in to continue.")).toBeVisible();
  await signIn(page, reader);
  await expect(page).toHaveURL("/devices");
});

test("one user's data is not shown to the next", async ({ page, context, api, request, reader }) => {
  const other = { username: `${reader.username}-2`, password: "seven wiser toads" };
  await request.post(`${api}/register`, { data: other });
  await context.request.get(`${api}/blog/1`);
  await page.goto("/");
  await expect(page.getByText("4 of 5 free reads left")).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, other);
  await expect(page.getByText("5 of 5 free reads left")).toBeVisible();
  await expect(page.getByText("4 of 5 free reads left")).toHaveCount(0);
});

/** Holds back the page's requests for `url` until `respond` is called. */
function hold(page: Page, url: string) {
  let respond = () => {};
  const released = new Promise<void>((resolve) => {
    respond = resolve;
  });
  const requested = new Promise<void>((resolve) => {
    void page.route(url, async (route) => {
      if (route.request().resourceType() !== "document") {
        resolve();
        await released;
      }
      await route.continue();
    });
  });
  return { requested, respond };
}
