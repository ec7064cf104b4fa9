import { inspect } from "./inspect";
import { FERRIES } from "./posts";
import { read } from "./reads";
import { pay } from "./stripe";
import { expect, test } from "./test";

test.describe("Everybody can use, in any light and on any screen,", () => {
  // Each is looked at four times.
  test.slow();

  test("the sign-in form", async ({ page }) => {
    await page.goto("/login");
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await inspect(page, "sign-in");
  });

  test("the registration form and what it says is wrong", async ({ page }) => {
    await page.goto("/register");
    await page.getByLabel("Password").fill("short");
    await page.getByRole("button", { name: "Register" }).click();
    await expect(page.getByLabel("Name")).toBeFocused();
    await inspect(page, "registration");
  });

  test("the list of posts", async ({ page, reader: _ }) => {
    await page.goto("/");
    await expect(page.getByRole("link", { name: FERRIES.title })).toBeVisible();
    await inspect(page, "posts");
  });

  test("a post", async ({ page, reader: _ }) => {
    await page.goto("/");
    await page.getByRole("link", { name: FERRIES.title }).click();
    await expect(page.getByText("4 free reads left")).toBeVisible();
    await inspect(page, "post");
  });

  test("the paywall", async ({ page, context, api, reader: _ }) => {
    await read(context.request, api, 5);
    await page.goto("/");
    await page.getByRole("link", { name: FERRIES.title }).click();
    await expect(page.getByRole("link", { name: "Subscribe and read on" })).toBeVisible();
    await inspect(page, "paywall");
  });

  test("a subscriber's post", async ({ page, api, reader }) => {
    await pay(api, reader.id);
    await page.goto("/blog/1");
    await expect(page.getByText("read as much as you like")).toBeVisible();
    await inspect(page, "subscriber");
  });

  test("the devices", async ({ page, reader: _, phone: __ }) => {
    await page.goto("/devices");
    await expect(page.getByText("Firefox Mobile on Android").first()).toBeVisible();
    await inspect(page, "devices");
  });

  test("the question for the password", async ({ page, context, api, reader: _, phone: __ }) => {
    await context.request.get(`${api}/check_session`, { headers: { "User-Agent": "another" } });
    await page.goto("/devices");
    await page.getByRole("button", { name: "Sign out everywhere else" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await inspect(page, "password");
  });

  test("the account", async ({ page, reader: _ }) => {
    await page.goto("/account");
    await expect(page.getByText("You have no subscription.")).toBeVisible();
    await inspect(page, "account");
  });

  test("an address that is none", async ({ page }) => {
    await page.goto("/nowhere");
    await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
    await inspect(page, "nothing");
  });

  test("a failure", async ({ page, api, reader: _ }) => {
    await page.route(`${api}/blog?*`, (route) => route.abort());
    await page.goto("/");
    await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
    await inspect(page, "failure");
  });
});
