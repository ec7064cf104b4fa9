import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTollgate } from "./tollgate";

export const ADMIN = { username: "margaret", password: "a blue pencil and patience" };

/** A message that could not be delivered, of the test that sends it again. */
export const UNDELIVERED = "gone@example.org";

/** Starts a server with its first admin. */
export async function startConsole(api: string, stops: (() => Promise<void>)[]): Promise<void> {
  const media = await mkdtemp(join(tmpdir(), "tollgate-media-"));
  stops.push(() => rm(media, { recursive: true }));
  const { database } = await startTollgate(api, stops, {
    CORS_ORIGINS: "none",
    REQUIRE_SECOND_FACTOR: "off",
    THROTTLE: "on",
    MEDIA_DIR: media,
    SITE_NAME: "The Toll Gazette",
    ADMIN_USERNAME: ADMIN.username,
    ADMIN_PASSWORD: ADMIN.password,
  });
  const columns = "kind, recipient, payload, message_id, created_at, next_attempt_at, failed_at, attempts, last_error";
  const now = Date.now();
  const values = `'test', '${UNDELIVERED}', '{}', '<gone@example.org>', ${now}, ${now}, ${now}, 8, '550 no such user'`;
  execFileSync("sqlite3", ["-cmd", ".timeout 10000", database, `INSERT INTO outbox (${columns}) VALUES (${values})`]);
}
