import { randomUUID } from "node:crypto";
import { tabTo } from "../support/tab-to";
import { expect, test } from "../support/test";
import { submit } from "./form";

test.use({ javaScriptEnabled: false });

const PASSWORD = "four sneaky newts";

test("registering, reading and signing out work with the keyboard", async ({ page, baseURL }) => {
  const username = `reader-${randomUUID().slice(0, 8)}`;
  const press = async (name: string, key: string) => {
    await tabTo(page, name);
    await page.keyboard.press(key);
  };
  const type = async (label: string, text: string) => {
    await tabTo(page, label);
    await page.keyboard.type(text);
  };

  await page.goto("/blog/1");
  await expect(page).toHaveURL("/login?next=%2Fblog%2F1");
  await press("Register", "Enter");
  await expect(page.getByRole("heading", { name: "Register" })).toBeVisible();
  await type("Username", username);
  await type("Password at least 8 characters", PASSWORD);
  await page.keyboard.press("Enter");

  await expect(page).toHaveURL("/blog/1");
  await press("Account", "Enter");
  await expect(page.getByRole("heading", { name: "Account" })).toBeVisible();
  await expect(page.getByText("4 of 5 free reads left")).toBeVisible();
  await press("Sign out", "Enter");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await type("Username or email address", username);
  await type("Password", PASSWORD);
  await press("Stay signed in", "Space");
  await press("Sign in", "Enter");
  await expect(page).toHaveURL("/");
  await press("Sign out", "Enter");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page).toHaveURL(`${baseURL}/login`);
});

test("the start page redirects to the sign-in form without a session", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveURL("/login?next=%2F");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("a failed registration keeps all values except the password, and shows errors at the fields", async ({ page }) => {
  await page.goto("/register?next=%2Fmeter");
  await submit(page, "Register", { Username: "a reader", "Email address": "ada@nowhere", Password: "short" });
  for (const [label, kept, error] of [
    ["Username", "a reader", /^This must not contain spaces/],
    ["Email address", "ada@nowhere", /^This must be/],
    ["Password", "", /^This must have at least 8 characters/],
  ] as const) {
    const field = page.getByLabel(label);
    await expect(field).toHaveValue(kept);
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveAccessibleDescription(error);
  }
  await expect(page.getByLabel("Username")).toBeFocused();

  await submit(page, "Register", { Username: `reader-${randomUUID().slice(0, 8)}`, Password: PASSWORD });
  await expect(page.getByLabel("Email address")).toBeFocused();
  await expect(page.locator("[aria-invalid]")).toHaveCount(1);
  await submit(page, "Register", { "Email address": "", Password: PASSWORD });
  await expect(page).toHaveURL("/meter");
});

test("an unknown username and a wrong password are errors at their fields", async ({ page, user }) => {
  await page.goto("/login");
  await page.getByLabel("Stay signed in").check();
  await submit(page, "Sign in", { Username: "nobody-at-all", Password: PASSWORD });
  await expect(page.getByLabel("Username")).toBeFocused();
  await expect(page.getByLabel("Username")).toHaveAccessibleDescription("User not found.");
  await expect(page.getByLabel("Stay signed in")).toBeChecked();

  await submit(page, "Sign in", { Username: user.username, Password: "four sneaky frogs" });
  const password = page.getByLabel("Password");
  await expect(password).toBeFocused();
  await expect(password).toHaveAccessibleDescription("Incorrect password.");
  await expect(password).toHaveValue("");
  await expect(page.getByLabel("Username")).toHaveValue(user.username);
});

test("only ticking the box keeps the user signed in", async ({ page, context, user }) => {
  const days = async () => {
    const session = (await context.cookies()).find(({ name }) => name === "session");
    return session && Math.round((session.expires - Date.now() / 1000) / 86_400);
  };
  await page.goto("/login");
  await page.getByLabel("Stay signed in").check();
  await submit(page, "Sign in", { Username: user.username, Password: user.password });
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  expect(await days()).toBe(30);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(await days()).toBeUndefined();
  await submit(page, "Sign in", { Username: user.username, Password: user.password });
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  expect((await context.cookies()).find(({ name }) => name === "session")?.expires).toBe(-1);
});

test("the forms redirect signed-in users, and never to another site", async ({ page, reader }) => {
  for (const form of ["/login", "/register"]) {
    await page.goto(`${form}?next=%2Fmeter`);
    await expect(page).toHaveURL("/meter");
    await page.goto(`${form}?next=%2F%2Felsewhere.example%2F`);
    await expect(page).toHaveURL("/");
  }
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto("/login?next=https%3A%2F%2Felsewhere.example%2F");
  await submit(page, "Sign in", { Username: reader.username, Password: reader.password });
  await expect(page.getByRole("link", { name: "Account", exact: true })).toBeVisible();
  await expect(page).toHaveURL("/");
});
