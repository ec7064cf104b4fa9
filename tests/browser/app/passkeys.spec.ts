import type { Page } from "@playwright/test";
import { Authenticator, addPasskey, openElsewhere, openSignIn } from "../support/passkeys";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

/** Waits for the response: going on at once would abort the request. */
async function signOut(page: Page) {
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("You have been signed out.")).toBeVisible();
}

const press = (page: Page, name: string) => page.getByRole("button", { name }).click();
const usePasskey = (page: Page) => press(page, "Sign in with a passkey");

test("a passkey is added, renamed and deleted", async ({ page, reader: _ }) => {
  const authenticator = await Authenticator.attach(page);
  await page.goto("/account");
  await expect(page.getByText("You have no passkeys.")).toBeVisible();
  await authenticator.confirm(async () => {
    await press(page, "Add a passkey");
    await expect(page.getByText("The passkey has been added.")).toBeFocused();
  });
  const passkeys = page.getByRole("region", { name: "Passkeys" });
  await expect(passkeys.getByRole("listitem")).toContainText(/^PasskeyAdded on .* · not used yet/);
  await expect(page.getByText("Signing in needs a passkey.")).toBeVisible();

  await press(page, "Rename Passkey");
  const name = passkeys.getByLabel("Name of the passkey");
  await expect(name).toBeFocused();
  await page.keyboard.type(" ");
  await page.keyboard.press("Enter");
  await expect(name).toHaveAccessibleDescription(/^This must have 1 to 64 characters/);
  await name.fill("My phone");
  await page.keyboard.press("Enter");
  await expect(passkeys.getByRole("button", { name: "Rename My phone" })).toBeFocused();

  await press(page, "Delete My phone");
  await expect(page.getByText("“My phone” has been deleted.")).toBeFocused();
  await expect(page.getByText("You have no passkeys.")).toBeVisible();
  await expect(page.getByText("With a second factor, signing in also needs")).toBeVisible();
  // The browser has been told.
  await expect.poll(() => authenticator.passkeys()).toEqual([]);
});

test("the button signs in without a username, and keeps the user signed in", async ({ page, context, api, reader }) => {
  const authenticator = await addPasskey(page);
  await signOut(page);
  await openSignIn(page, "/devices");
  await page.getByLabel("Stay signed in").check();
  await authenticator.confirm(async () => {
    await usePasskey(page);
    await expect(page).toHaveURL("/devices");
  });
  await expect(page.getByText("This device")).toBeVisible();
  const session = await (await context.request.get(`${api}/check_session`)).json();
  expect(session).toMatchObject({ username: reader.username, session: { stay_signed_in: true } });
});

test("the passkey that is chosen among the usernames signs in", async ({ page, context, reader: _ }) => {
  const authenticator = await addPasskey(page);
  await context.clearCookies();
  // Otherwise the offer of this page might be confirmed while the next is being opened.
  await openSignIn(page);
  await expect(page.getByLabel("Username")).toHaveAttribute("autocomplete", "username webauthn");
  await authenticator.confirm(async () => {
    await page.goto("/devices");
    await expect(page.getByText("This device")).toBeVisible();
  });
});

test("an offer among the usernames that was refused leaves the form, and the next one works", async ({
  page,
  context,
  phone,
  reader: _,
}) => {
  const authenticator = await addPasskey(page);
  const [{ id }] = await (await phone.get("/account/passkeys")).json();
  await context.clearCookies();
  await expect(await phone.delete(`/account/passkeys/${id}`)).toBeOK();
  await authenticator.confirm(async () => {
    await page.goto("/login");
    await expect(page.getByText("This passkey cannot be used here.")).toBeVisible();
  });
  await expect(page.getByLabel("Password")).toBeVisible();
  // The browser has been told.
  await expect.poll(() => authenticator.passkeys()).toEqual([]);
});

test("a passkey is the second step after the password", async ({ page, reader }) => {
  const authenticator = await addPasskey(page);
  await signOut(page);
  await openSignIn(page);
  await signIn(page, reader);
  await expect(page.getByText("Confirm with your passkey that it is you.")).toBeFocused();
  await page.getByLabel("Trust this browser").check();
  await authenticator.confirm(async () => {
    await press(page, "Use a passkey");
    await expect(page.getByRole("heading", { name: "Posts" })).toBeVisible();
  });
  await page.getByRole("link", { name: "Devices" }).click();
  await expect(page.getByText("Trusted", { exact: true })).toBeVisible();
});

test("another browser has the passkey if it was synced", async ({ page, browser, reader: _ }) => {
  const authenticator = await addPasskey(page);
  const phone = await openElsewhere(browser, page, authenticator);
  await openSignIn(phone.page);
  await phone.authenticator.confirm(async () => {
    await usePasskey(phone.page);
    await expect(phone.page.getByRole("heading", { name: "Posts" })).toBeVisible();
  });
});

test("another browser without the passkey needs a recovery code", async ({ page, browser, reader }) => {
  await addPasskey(page);
  await press(page, "Create new recovery codes");
  const code = (await page.locator(".codes li").first().textContent()) ?? "";
  const library = await openElsewhere(browser, page);
  await openSignIn(library.page);
  await signIn(library.page, reader);
  await library.authenticator.confirm(async () => {
    await press(library.page, "Use a passkey");
    await expect(library.page.getByText("No passkey was used.")).toBeVisible();
  });
  await press(library.page, "Use a recovery code");
  await expect(library.page.getByLabel("Recovery code")).toBeFocused();
  await library.page.keyboard.type(code);
  await library.page.keyboard.press("Enter");
  await expect(library.page.getByRole("heading", { name: "Posts" })).toBeVisible();
});

test("a passkey is not used if the user is not recognized", async ({ page, reader: _ }) => {
  const authenticator = await addPasskey(page);
  await signOut(page);
  await openSignIn(page);
  await authenticator.mistakeUser();
  await authenticator.confirm(async () => {
    await usePasskey(page);
    await expect(page.getByText("No passkey was used.")).toBeVisible();
  });
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("an old session needs the password to add and to delete a passkey", async ({ page, context, api, reader }) => {
  const authenticator = await Authenticator.attach(page);
  await context.request.get(`${api}/check_session`, { headers: { "User-Agent": "another" } });
  await page.goto("/account");
  const dialog = page.getByRole("dialog", { name: "Confirm your password" });
  await press(page, "Add a passkey");
  await dialog.getByLabel("Password").fill(reader.password);
  await authenticator.confirm(async () => {
    await page.keyboard.press("Enter");
    await expect(page.getByText("The passkey has been added.")).toBeFocused();
  });
  await press(page, "Delete Passkey");
  await dialog.getByLabel("Password").fill(reader.password);
  await page.keyboard.press("Enter");
  await expect(page.getByText("“Passkey” has been deleted.")).toBeFocused();
  await expect.poll(() => authenticator.passkeys()).toEqual([]);
});
