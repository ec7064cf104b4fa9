import { pay } from "../support/stripe";
import { expect, test } from "../support/test";
import { newVerified } from "../support/verified";

test("the account page shows the profile, the subscription and the meter", async ({ page, api, reader }) => {
  await page.goto("/account");
  await expect(page.getByText(reader.username)).toBeVisible();
  await expect(page.getByText("You have no subscription.")).toBeVisible();
  await expect(page.getByText("5 of 5 free reads left")).toBeVisible();
  await pay(api, reader.id);
  await page.reload();
  await expect(page.getByText("Your subscription is active.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Subscribe" })).toHaveCount(0);
});

test("changing the password replaces it and signs out all other devices", async ({
  page,
  phone,
  request,
  api,
  reader: { username, password },
}) => {
  await page.goto("/account");
  await page.getByLabel("Current password").fill(password);
  await page.getByLabel("New password").fill("seven wiser toads");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Your password has been changed.")).toBeVisible();
  await expect(page.getByLabel("Current password")).toHaveValue("");
  expect((await phone.get("/check_session")).status()).toBe(401);
  expect((await request.post(`${api}/login`, { data: { username, password } })).status()).toBe(400);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Account", exact: true })).toBeVisible();
});

test("errors of a password change are shown at their fields", async ({ page, reader: { password } }) => {
  await page.goto("/account");
  await page.getByLabel("Current password").fill("four sneaky frogs");
  await page.getByLabel("New password").fill("seven wiser toads");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByLabel("Current password")).toHaveAccessibleDescription("Wrong password.");
  await expect(page.getByLabel("Current password")).toBeFocused();
  await page.getByLabel("Current password").fill(password);
  await page.getByLabel("New password").fill("short");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("New password")).toBeFocused();
  await expect(page.getByLabel("New password")).toHaveAccessibleDescription(/^This must have at least 8 characters/);
});

test("the email address is added, waits to be verified, and is removed", async ({ page, reader: { username } }) => {
  const address = `${username}@example.org`;
  await page.goto("/account");
  const field = page.getByRole("textbox", { name: "Email address", exact: true });
  await field.fill(address);
  await page.getByRole("button", { name: "Save email address" }).click();
  await expect(page.getByText(`Confirm ${address} using the link we sent there.`)).toBeVisible();
  await page.reload();
  await expect(field).toHaveValue(address);
  await expect(page.getByText(`${address} is not verified.`)).toBeVisible();
  await field.fill("");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Your email address has been removed.")).toBeVisible();
  await page.reload();
  await expect(field).toHaveValue("");
});

test("an invalid or taken email address is an error at its field", async ({ page, request, api, reader: _ }) => {
  const { email } = await newVerified(request, api);
  await page.goto("/account");
  const field = page.getByRole("textbox", { name: "Email address", exact: true });
  await field.fill("nowhere");
  await page.keyboard.press("Enter");
  await expect(field).toHaveAccessibleDescription(/^This must be/);
  await expect(field).toBeFocused();
  await field.fill(email);
  await page.keyboard.press("Enter");
  await expect(field).toHaveAccessibleDescription("This email address is taken.");
});

test("an old session needs the password to change the email address", async ({ page, context, api, reader }) => {
  // A session is no longer fresh after a request with another user agent.
  await context.request.get(`${api}/check_session`, { headers: { "User-Agent": "another" } });
  await page.goto("/account");
  await page.getByRole("textbox", { name: "Email address", exact: true }).fill(`${reader.username}@example.org`);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Confirm your password" });
  await dialog.getByLabel("Password").fill("four sneaky frogs");
  await page.keyboard.press("Enter");
  await expect(dialog.getByLabel("Password")).toHaveAccessibleDescription("Wrong password.");
  await dialog.getByLabel("Password").fill(reader.password);
  await page.keyboard.press("Enter");
  await expect(page.getByText(`Confirm ${reader.username}@example.org using the link`)).toBeVisible();
  await expect(dialog).toHaveCount(0);
});

test("the account is deleted with the password, and nobody can sign in to it", async ({
  page,
  request,
  api,
  reader,
}) => {
  await page.goto("/account");
  await page.getByRole("button", { name: "Delete account…" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete account?" });
  await dialog.getByLabel("Password").fill("four sneaky frogs");
  await dialog.getByRole("button", { name: "Delete account" }).click();
  await expect(dialog.getByLabel("Password")).toHaveAccessibleDescription("Wrong password.");
  await dialog.getByLabel("Password").fill(reader.password);
  await dialog.getByRole("button", { name: "Delete account" }).click();
  await expect(page.getByText("Your account has been deleted.")).toBeVisible();
  await expect(page).toHaveURL("/login");
  expect((await request.post(`${api}/login`, { data: reader })).status()).toBe(404);
});

test("cancelling the deletion keeps the account", async ({ page, reader: _ }) => {
  await page.goto("/account");
  await page.getByRole("button", { name: "Delete account…" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("button", { name: "Delete account…" })).toBeFocused();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Account", exact: true })).toBeVisible();
});
