import type { Page } from "@playwright/test";
import { Authenticator, openElsewhere, openSignIn } from "../support/passkeys";
import { expect, test } from "../support/test";
import { submit } from "./form";
import { addPasskey, confirmAddition } from "./own-passkeys";

const button = { name: "Sign in with a passkey" };

async function signOut(page: Page): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

test("a passkey is added, signs in without a username, and is deleted", async ({ page, context, api, reader }) => {
  const authenticator = await addPasskey(page);
  await expect(page.getByText("You have no recovery codes.")).toBeVisible();
  await signOut(page);
  await openSignIn(page, "/meter");
  await page.getByLabel("Stay signed in").check();
  await authenticator.confirm(async () => {
    await page.getByRole("button", button).click();
    await expect(page).toHaveURL("/meter");
  });
  const session = await (await context.request.get(`${api}/check_session`)).json();
  expect(session).toMatchObject({ username: reader.username, session: { stay_signed_in: true } });

  await page.goto("/second-factor");
  await page.getByRole("button", { name: "Delete the passkey “Passkey”" }).click();
  await expect(page.getByText("With a second factor, signing in also needs")).toBeVisible();
});

test("the passkey that is chosen among the usernames signs in", async ({ page, reader: _ }) => {
  const authenticator = await addPasskey(page);
  await signOut(page);
  // Otherwise the offer of this page might be confirmed while the next is being opened.
  await openSignIn(page);
  await expect(page.getByLabel("Username")).toHaveAttribute("autocomplete", "username webauthn");
  const hello = page.getByRole("link", { name: "Account", exact: true });
  await authenticator.confirm(async () => {
    await page.goto("/");
    await expect(hello).toBeVisible();
  });
});

test("a passkey is the second step after the password, in another browser too", async ({ page, browser, reader }) => {
  const authenticator = await addPasskey(page);
  const phone = await openElsewhere(browser, page, authenticator);
  await openSignIn(phone.page, "/meter");
  await submit(phone.page, "Sign in", { Username: reader.username, Password: reader.password });
  await phone.authenticator.confirm(async () => {
    await phone.page.getByRole("button", { name: "Use a passkey" }).click();
    await expect(phone.page).toHaveURL("/meter");
  });
});

test("a browser without the passkey, or with one that was deleted, signs in another way", async ({
  page,
  phone,
  reader,
}) => {
  const authenticator = await addPasskey(page);
  await page.getByRole("button", { name: "Create new recovery codes" }).click();
  const code = (await page.locator(".codes li").first().textContent()) ?? "";
  const [{ id }] = await (await phone.get("/account/passkeys")).json();
  await signOut(page);
  await submit(page, "Sign in", { Username: reader.username, Password: reader.password });
  await submit(page, "Sign in", { "Recovery code": code });
  await expect(page.getByRole("link", { name: "Account", exact: true })).toBeVisible();

  await expect(await phone.delete(`/account/passkeys/${id}`)).toBeOK();
  await signOut(page);
  await openSignIn(page);
  await authenticator.confirm(async () => {
    await page.getByRole("button", button).click();
    await expect(page.getByRole("alert")).toHaveText("This passkey cannot be used here.");
  });
});

test("an old session needs the password to add a passkey", async ({ page, context, api, reader }) => {
  const authenticator = await Authenticator.attach(page);
  await context.request.get(`${api}/check_session`, { headers: { "User-Agent": "another" } });
  await page.goto("/second-factor");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByRole("alert")).toHaveText("Enter your password first.");
  await page.getByLabel("Password").fill(reader.password);
  await confirmAddition(page, authenticator);
});

test("the policy allows the page's two scripts by their digests, and no other", async ({ context }) => {
  // Not the page whose console must have no errors.
  const page = await context.newPage();
  const policy = (await page.goto("/login"))?.headers()["content-security-policy"];
  expect(policy).toMatch(/script-src( 'sha256-[A-Za-z0-9+/]+=*'){2};/);
  expect(policy).not.toContain("unsafe");
  const runs = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'run'";
    document.body.append(script);
    return document.title === "run";
  });
  expect(runs).toBe(false);
});
