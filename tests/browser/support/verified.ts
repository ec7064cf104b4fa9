import { randomUUID } from "node:crypto";
import type { APIRequestContext } from "@playwright/test";
import { mailedLink, tokenOf } from "./mail";
import { expect } from "./test";

export interface VerifiedUser {
  username: string;
  password: string;
  email: string;
}

/** A new user with a verified address. */
export async function newVerified(request: APIRequestContext, api: string): Promise<VerifiedUser> {
  const username = `reader-${randomUUID().slice(0, 8)}`;
  const user = { username, password: "four sneaky newts", email: `${username}@example.org` };
  await expect(await request.post(`${api}/register`, { data: user })).toBeOK();
  const token = tokenOf(await mailedLink(user.email, "/verify-email"));
  await expect(await request.post(`${api}/email/verify`, { data: { token } })).toBeOK();
  return user;
}
