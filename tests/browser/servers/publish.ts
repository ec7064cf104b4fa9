import { execFileSync } from "node:child_process";
import { Authenticator } from "../support/authenticator";
import { POSTS } from "../support/posts";
import type { Tollgate } from "./tollgate";

/** An admin without a second factor, which `REQUIRE_SECOND_FACTOR` requires. One test enrols it. */
export const DEPUTY = { username: "deputy", password: "a blue pencil and patience" };

/** Publishes more posts than fit on one page of the list. */
export async function publish({ api, database }: Tollgate): Promise<void> {
  const editor = { username: "editor", password: "a red pencil and patience" };
  for (const admin of [editor, DEPUTY]) await send(`${api}/register`, admin);
  const promotion = "UPDATE users SET role = 'admin' WHERE username_key IN ('editor', 'deputy')";
  // Without the time limit it fails if the server is writing.
  execFileSync("sqlite3", ["-cmd", ".timeout 10000", database, promotion]);
  const headers = { Cookie: (await send(`${api}/login`, editor)).headers.getSetCookie().join("; ") };
  const { secret } = await (await send(`${api}/account/totp`, {}, headers)).json();
  await send(`${api}/account/totp/confirm`, { code: await new Authenticator(secret).code() }, headers);
  for (const post of POSTS) await send(`${api}/blog`, post, headers);
}

async function send(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer;
}
