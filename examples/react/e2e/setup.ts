import { CONSOLE, CROSS_ORIGIN, DEMO, GERMAN, SAME_ORIGIN, SERVER_PAGES } from "./addresses";
import { serveApp } from "./servers/app";
import { startConsole } from "./servers/console";
import { receiveMail } from "./servers/mail";
import { publish } from "./servers/publish";
import { startTollgate } from "./servers/tollgate";

type Stop = () => Promise<void>;

/**
 * Starts the development server with an API server of its own, the same with the demo checkout and reads without a
 * session, a server that serves the build, one that serves its own pages, one in German, one for its console, and an SMTP server for the e-mail of all of them.
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
      await startTollgate(SAME_ORIGIN.api, stops, { CORS_ORIGINS: "none", STATIC_DIR: "dist" }),
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
