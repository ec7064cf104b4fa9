import { randomUUID } from "node:crypto";

import { openBrowser, password } from "./browser.js";
import { mailedToken } from "./mail.js";

/** A new user with a verified address. */
export async function newVerified(): Promise<{ username: string; email: string }> {
  const username = `ada-${randomUUID()}`;
  const email = `${username}@example.org`;
  const { tollgate } = openBrowser();
  await tollgate.register({ username, password, email });
  await tollgate.email.verify(await mailedToken(email, "verify-email"));
  return { username, email };
}
