import { execFileSync } from "node:child_process";
import { POSTS } from "../posts";
import type { Tollgate } from "./tollgate";

/** Publishes more posts than fit on one page of the list. */
export async function publish({ api, database }: Tollgate): Promise<void> {
  const editor = { username: "editor", password: "a red pencil and patience" };
  await send(`${api}/register`, editor);
  execFileSync("sqlite3", [database, "UPDATE users SET role = 'admin' WHERE username_key = 'editor'"]);
  const cookie = (await send(`${api}/login`, editor)).headers.getSetCookie().join("; ");
  for (const post of POSTS) await send(`${api}/blog`, post, { Cookie: cookie });
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
