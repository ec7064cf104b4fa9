import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { MAIL_PORT } from "../support/addresses";
import { STRIPE_WEBHOOK_SECRET } from "../support/stripe";

type Settings = Record<string, string>;

export interface Tollgate {
  api: string;
  database: string;
}

/** Starts a server on a new database in a temporary folder. What is added to `stops` stops it and removes the folder. */
export async function startTollgate(
  api: string,
  stops: (() => Promise<void>)[],
  settings: Settings,
): Promise<Tollgate> {
  const folder = await mkdtemp(join(tmpdir(), "tollgate-e2e-"));
  const server = run(folder, { PORT: new URL(api).port, PUBLIC_URL: api, ...settings });
  stops.push(async () => {
    if (server.exitCode === null && server.kill()) await once(server, "exit");
    await rm(folder, { recursive: true });
  });
  await Promise.race([ready(api), ended(server)]);
  return { api, database: join(folder, "tollgate.db") };
}

function run(folder: string, settings: Settings): ChildProcess {
  const binary = resolve(process.env.TOLLGATE ?? "../../target/debug/tollgate");
  return spawn(binary, {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      LOG_LEVEL: "error",
      THROTTLE: "off",
      BCRYPT_COST: "4",
      READS_LIMIT: "5",
      REQUIRE_SECOND_FACTOR: "admins",
      CHECKOUT_URL: "https://buy.example/plan",
      BILLING_PORTAL_URL: "https://billing.example/login",
      STRIPE_WEBHOOK_SECRET,
      MAIL_URL: `smtp://127.0.0.1:${MAIL_PORT}?tls=none`,
      MAIL_FROM: "The Toll Gate <gate@example.org>",
      ...settings,
    },
  });
}

async function ended(server: ChildProcess): Promise<never> {
  await once(server, "exit");
  throw new Error("the server did not start");
}

async function ready(api: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(`${api}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await setTimeout(100);
  }
  throw new Error(`${api} is not ready`);
}
