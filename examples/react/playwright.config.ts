import { defineConfig, devices } from "@playwright/test";
import { CONSOLE, CROSS_ORIGIN, DEMO, GERMAN, SAME_ORIGIN, SERVER_PAGES } from "./e2e/addresses";
import type { Options } from "./e2e/test";

/** Tests of the single-page app. */
const APP = "e2e/*.spec.ts";

/** How the app looks does not depend on the origin. These look at the build, which is what is deployed. */
const LOOKS = ["e2e/appearance.spec.ts", "e2e/*-screenshot*.spec.ts"];

/** Nearly everything is the same from the server's own origin: only on request are all tests run from there as well. */
const everyOrigin = Boolean(process.env.EVERY_ORIGIN);

const asRoot = process.getuid?.() === 0;

export default defineConfig<Options>({
  testDir: "e2e",
  globalSetup: "./e2e/setup.ts",
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  retries: 0,
  // Two browsers and six servers may share two cores.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: process.env.CI ? [["list"], ["html", { open: "never" }]] : "list",
  use: {
    ...devices["Desktop Chrome"],
    locale: "en-GB",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: asRoot ? ["--no-sandbox"] : [],
    },
  },
  projects: [
    {
      name: "cross-origin",
      testMatch: APP,
      testIgnore: LOOKS,
      use: { baseURL: CROSS_ORIGIN.page, api: CROSS_ORIGIN.api },
    },
    {
      name: "same-origin",
      testMatch: everyOrigin ? APP : LOOKS,
      use: { baseURL: SAME_ORIGIN.page, api: SAME_ORIGIN.api },
    },
    { name: "demo", testDir: "e2e/demo", use: { baseURL: DEMO.page, api: DEMO.api } },
    { name: "console", testDir: "e2e/console", use: { baseURL: CONSOLE, api: CONSOLE } },
    {
      name: "console-everybody",
      testDir: "e2e/console-everybody",
      dependencies: ["console"],
      use: { baseURL: CONSOLE, api: CONSOLE },
    },
    { name: "server-pages", testDir: "e2e/server-pages", use: { baseURL: SERVER_PAGES, api: SERVER_PAGES } },
    { name: "german", testDir: "e2e/german", use: { baseURL: GERMAN, api: GERMAN, locale: "de-DE" } },
  ],
});
