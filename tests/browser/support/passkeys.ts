import type { Browser, CDPSession, Page } from "@playwright/test";
import { expect } from "./test";

/** Chromium's virtual authenticator, such as the fingerprint reader of a phone, for one page. */
export class Authenticator {
  private constructor(
    private readonly browser: CDPSession,
    private readonly authenticatorId: string,
  ) {}

  static async attach(page: Page): Promise<Authenticator> {
    const browser = await page.context().newCDPSession(page);
    await browser.send("WebAuthn.enable");
    const { authenticatorId } = await browser.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: false,
      },
    });
    return new Authenticator(browser, authenticatorId);
  }

  /** The user confirms what the page asks for meanwhile. What it has asked for before stays unanswered. */
  async confirm(action: () => Promise<void>): Promise<void> {
    await this.touch(true);
    await action();
    await this.touch(false);
  }

  /** From now on, the user is not recognized. */
  async mistakeUser(): Promise<void> {
    const { authenticatorId } = this;
    await this.browser.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  }

  async passkeys() {
    const { credentials } = await this.browser.send("WebAuthn.getCredentials", {
      authenticatorId: this.authenticatorId,
    });
    return credentials;
  }

  /** As a password manager does that syncs them. */
  async copyTo(other: Authenticator): Promise<void> {
    for (const credential of await this.passkeys()) {
      await other.browser.send("WebAuthn.addCredential", { authenticatorId: other.authenticatorId, credential });
    }
  }

  private touch(enabled: boolean) {
    const { authenticatorId } = this;
    return this.browser.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled });
  }
}

/** Adds a passkey on the account page. */
export async function addPasskey(page: Page): Promise<Authenticator> {
  const authenticator = await Authenticator.attach(page);
  await page.goto("/account");
  await authenticator.confirm(async () => {
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await expect(page.getByText("The passkey has been added.")).toBeVisible();
  });
  return authenticator;
}

/** Opens the sign-in form, and waits until it offers passkeys, so that nobody confirms the offer by mistake. */
export async function openSignIn(page: Page, path = "/login"): Promise<void> {
  // On a slow machine the network may be idle before the form has asked for the offer, too.
  const offer = page.waitForResponse((response) => response.url().endsWith("/login/passkey/options"));
  await Promise.all([offer, page.goto(path, { waitUntil: "networkidle" })]);
}

/** Another browser on the same site, with a copy of these passkeys. */
export async function openElsewhere(browser: Browser, here: Page, passkeys?: Authenticator) {
  const page = await browser.newPage({ baseURL: new URL(here.url()).origin });
  const authenticator = await Authenticator.attach(page);
  await passkeys?.copyTo(authenticator);
  return { page, authenticator };
}
