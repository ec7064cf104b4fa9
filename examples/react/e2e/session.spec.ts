import { signIn } from "./sign-in";
import { expect, test } from "./test";

test("who is signed in never sees the sign-in form, however long the check takes", async ({ page, api, reader: _ }) => {
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    void page.route(`${api}/check_session`, async (route) => {
      resolve();
      await new Promise<void>((release) => {
        answer = release;
      });
      await route.continue();
    });
  });
  await page.goto("/");
  await asked;
  await expect(page.getByText("Opening the gate…")).toBeVisible();
  await expect(page.getByLabel("Password")).toHaveCount(0);
  answer();
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
});

test("who is not signed in signs in and comes to where they wanted to go", async ({ page, user }) => {
  await page.goto("/devices");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeFocused();
  await signIn(page, user);
  await expect(page).toHaveURL("/devices");
  await expect(page.getByRole("heading", { name: "Devices" })).toBeFocused();
});

test("signing in leads to no other site, whatever the link to the form says", async ({ page, user, baseURL }) => {
  await page.goto("/login?next=//elsewhere.example/");
  await signIn(page, user);
  await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
  expect(page.url()).toBe(`${baseURL}/`);
});

test("a wrong password is told at its field, which gets the focus", async ({ page, user }) => {
  await page.goto("/login");
  await signIn(page, { ...user, password: "four sneaky frogs" });
  const password = page.getByLabel("Password");
  await expect(password).toBeFocused();
  await expect(password).toHaveAttribute("aria-invalid", "true");
  await expect(password).toHaveAccessibleDescription("Password is not right.");
  await expect(page.getByLabel("Name")).toHaveValue(user.username);
});

test("a name that nobody has is told at its field", async ({ page }) => {
  await page.goto("/login");
  await signIn(page, { username: "nobody-at-all", password: "four sneaky newts" });
  await expect(page.getByLabel("Name")).toHaveAccessibleDescription("Name is not known here.");
});

test("signing out ends the session and says so", async ({ page, context, api, reader: _ }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Account" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("You are signed out.")).toBeVisible();
  await expect(page).toHaveURL("/login");
  expect((await context.request.get(`${api}/check_session`)).status()).toBe(401);
  await page.goBack();
  await expect(page.getByLabel("Password")).toBeVisible();
});

test("a session that ends in mid-use leads to the sign-in form, and from there back", async ({
  page,
  phone,
  reader,
}) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Account" }).click();
  await expect(page.getByText("You have no subscription.")).toBeVisible();
  await phone.delete("/sessions");
  await page.getByRole("link", { name: "Devices" }).click();
  await expect(page.getByText("Your session has ended. Sign in to go on where you were.")).toBeVisible();
  await signIn(page, reader);
  await expect(page).toHaveURL("/devices");
  await expect(page.getByText("This device")).toBeVisible();
});

test("what one reader was told is not shown to the next one", async ({ page, context, api, request, reader }) => {
  const other = { username: `${reader.username}-2`, password: "seven wiser toads" };
  await request.post(`${api}/register`, { data: other });
  await context.request.get(`${api}/blog/1`);
  await page.goto("/");
  await expect(page.getByText("4 free reads left")).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, other);
  await expect(page.getByText("5 free reads left")).toBeVisible();
  await expect(page.getByText("4 free reads left")).toHaveCount(0);
});
