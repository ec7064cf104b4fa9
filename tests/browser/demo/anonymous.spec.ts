import { inspect } from "../support/inspect";
import { dayOfNewReads } from "../support/new-reads";
import { FERRIES, FOR_SUBSCRIBERS, FREE, HOSTILE, pathOf, SHORT } from "../support/posts";
import { signIn } from "../support/sign-in";
import { spendReads } from "../support/spend-reads";
import { expect, test } from "../support/test";

const toSignIn = { name: "Sign in or register to continue reading" };

test("an anonymous reader reaches the paywall, signs in, and continues reading", async ({ page, user }) => {
  await page.goto("/");
  await expect(page.getByText("3 of 3 free reads left")).toBeVisible();
  await page.getByRole("link", { name: FERRIES.title }).click();
  await expect(page.getByText("There is a bell")).toBeVisible();
  await expect(page.getByText("2 of 3 free reads left until")).toBeVisible();
  await page.goto(pathOf(HOSTILE));
  await expect(page.getByText("1 of 3 free reads left until")).toBeVisible();
  await page.goto(pathOf(SHORT));
  await expect(page.getByText("0 of 3 free reads left until")).toBeVisible();

  await page.getByRole("link", { name: "All posts" }).click();
  await page.getByRole("link", { name: FERRIES.title }).click();
  await expect(page.getByRole("heading", { level: 1, name: FERRIES.title })).toBeFocused();
  await expect(page.getByRole("heading", { name: "You have used your 3 free reads" })).toBeVisible();
  await expect(page.getByText(FERRIES.excerpt ?? "")).toBeVisible();
  await expect(page.getByText("There is a bell")).toHaveCount(0);
  await expect(page.getByText(new RegExp(`You get new free reads on ${dayOfNewReads("medium")}`))).toBeVisible();

  await page.getByRole("link", toSignIn).click();
  await signIn(page, user);
  await expect(page).toHaveURL(pathOf(FERRIES));
  await expect(page.getByText("There is a bell")).toBeVisible();
  await expect(page.getByText("4 of 5 free reads left until")).toBeVisible();
});

test("registering at the paywall leads back to the post, too", async ({ page, context, api, user }) => {
  await spendReads(context.request, api, 3);
  await page.goto(pathOf(FERRIES));
  await page.getByRole("link", toSignIn).click();
  // Not the link at the paywall.
  await page.getByRole("link", { name: "Register", exact: true }).click();
  await page.getByLabel("Username").fill(`${user.username}-2`);
  await page.getByLabel("Password").fill("seven wiser toads");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page).toHaveURL(pathOf(FERRIES));
  await expect(page.getByText("There is a bell")).toBeVisible();
});

test("free posts can be read even if the reads are used up", async ({ page, context, api }) => {
  await spendReads(context.request, api, 3);
  await page.goto("/");
  await page.getByRole("link", { name: FREE.title }).click();
  await expect(page.getByText("The rest is in the parish records")).toBeVisible();
  await expect(page.getByText("free reads left")).toHaveCount(0);
});

test("a post for subscribers leads to the sign-in form, and from there back", async ({ page, user }) => {
  await page.goto("/");
  await page.getByRole("link", { name: FOR_SUBSCRIBERS.title }).click();
  await signIn(page, user);
  await expect(page).toHaveURL(pathOf(FOR_SUBSCRIBERS));
  await expect(page.getByRole("heading", { name: "For subscribers only" })).toBeVisible();
});

test("the meter links to the sign-in form, which leads back to the page", async ({ page, user }) => {
  await page.goto("/");
  await page.getByRole("link", { name: FERRIES.title }).click();
  await expect(page.getByText("2 of 3 free reads left")).toBeVisible();
  await page.getByRole("link", { name: "Sign in" }).click();
  await signIn(page, user);
  await expect(page).toHaveURL(pathOf(FERRIES));
  await expect(page.getByText("4 of 5 free reads left")).toBeVisible();
  await expect(page.getByRole("link", { name: "Sign in" })).toHaveCount(0);
});

test("signing out while a post is open spends no read", async ({ page, context, api, reader: _ }) => {
  await page.goto(pathOf(FERRIES));
  await expect(page.getByText("4 of 5 free reads left")).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("You have been signed out.")).toBeVisible();
  await expect(page).toHaveURL("/login");
  const meter = await (await context.request.get(`${api}/meter`)).json();
  expect(meter).toMatchObject({ anonymous: true, used: 0 });
});

test("the paywall for anonymous readers is accessible in light and dark, at any width", async ({
  page,
  context,
  api,
}) => {
  test.slow();
  await page.goto("/");
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await inspect(page, "anonymous-posts");
  await spendReads(context.request, api, 3);
  await page.goto(pathOf(FERRIES));
  await expect(page.getByRole("link", toSignIn)).toBeVisible();
  await inspect(page, "anonymous-paywall");
});
