import { join } from "node:path";
import { serveApp } from "./servers/app";
import { startConsole } from "./servers/console";
import { receiveMail } from "./servers/mail";
import { publish } from "./servers/publish";
import { startTollgate } from "./servers/tollgate";
import { CONSOLE, CROSS_ORIGIN, DEMO, GERMAN, MAGAZINE, SAME_ORIGIN, SERVER_PAGES } from "./support/addresses";

type Stop = () => Promise<void>;

/**
 * Starts the magazine's development server with an API server, the same with the demo checkout and anonymous reads, and a
 * server each for the built app, the built-in pages, the pages in German and the console. All send their email to one SMTP
 * server.
 */
export default async function setup(): Promise<Stop> {
  const stops: Stop[] = [];
  const stopAll = async () => {
    for (const stop of stops.reverse()) await stop();
  };
  try {
    await receiveMail(stops);
    stops.push(await serveApp(CROSS_ORIGIN.page, CROSS_ORIGIN.api));
    stops.push(await serveApp(DEMO.page, DEMO.api));
    const servers = [
      await startTollgate(CROSS_ORIGIN.api, stops, { CORS_ORIGINS: CROSS_ORIGIN.page, APP_URL: CROSS_ORIGIN.page }),
      await startTollgate(SAME_ORIGIN.api, stops, { CORS_ORIGINS: "none", STATIC_DIR: join(MAGAZINE, "dist") }),
      await startTollgate(SERVER_PAGES, stops, { CORS_ORIGINS: "none", SITE_NAME: "The Turnpike" }),
      await startTollgate(GERMAN, stops, {
        CORS_ORIGINS: "none",
        SITE_NAME: "Der Schlagbaum",
        SITE_LANGUAGE: "de",
        EXCERPTS: "public",
        SIGN_IN_EMAIL: "true",
      }),
      await startTollgate(DEMO.api, stops, {
        CHECKOUT_URL: "",
        STRIPE_WEBHOOK_SECRET: "",
        APP_URL: DEMO.page,
        READS_ANONYMOUS: "3",
      }),
    ];
    await startConsole(CONSOLE, stops);
    await Promise.all(servers.map(publish));
    return stopAll;
  } catch (error) {
    await stopAll();
    throw error;
  }
}
