import type { APIRequestContext } from "@playwright/test";
import { Authenticator } from "./authenticator";
import { expect } from "./test";

export interface Enrolled {
  authenticator: Authenticator;
  recoveryCodes: string[];
}

/** Enrols an authenticator app for the user who is signed in in this context. */
export async function enrol(context: APIRequestContext, api: string): Promise<Enrolled> {
  const { secret } = await (await context.post(`${api}/account/totp`)).json();
  const authenticator = new Authenticator(secret);
  const confirmed = await context.post(`${api}/account/totp/confirm`, { data: { code: await authenticator.code() } });
  await expect(confirmed).toBeOK();
  return { authenticator, recoveryCodes: (await confirmed.json()).recovery_codes };
}
