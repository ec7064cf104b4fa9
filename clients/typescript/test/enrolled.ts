import { Authenticator } from "./authenticator.js";
import { type Browser, newLogin, openBrowser, password } from "./browser.js";

export interface Enrolled {
  username: string;
  password: string;
  authenticator: Authenticator;
  recoveryCodes: string[];
  /** Where the user enrolled, and is signed in. */
  browser: Browser;
}

/** A new user with an authenticator app. */
export async function newEnrolled(): Promise<Enrolled> {
  const { username } = await newLogin();
  const browser = openBrowser();
  await browser.tollgate.login({ username, password });
  const authenticator = new Authenticator((await browser.tollgate.totp.start()).secret);
  const recoveryCodes = await browser.tollgate.totp.confirm(await authenticator.code());
  return { username, password, authenticator, recoveryCodes, browser };
}
