import { defineConfig, devices } from "@playwright/test";
import { CONSOLE, CROSS_ORIGIN, DEMO, GERMAN, SAME_ORIGIN, SERVER_PAGES } from "./support/addresses";
import type { Options } from "./support/test";

/** Tests of the single-page app. */
const APP = "app/*.spec.ts";

/** How the app looks does not depend on the origin. These look at the build, which is what is deployed. */
const LOOKS = ["app/appearance.spec.ts", "app/*-screenshot*.spec.ts"];

/** Nearly everything is the same from the server's own origin: only on request are all tests run from there as well. */
const everyOrigin = Boolean(process.env.EVERY_ORIGIN);

const asRoot = process.getuid?.() === 0;

export default defineConfig<Options>({
  testDir: ".",
  globalSetup: "./setup.ts",
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
    { name: "demo", testDir: "demo", use: { baseURL: DEMO.page, api: DEMO.api } },
    { name: "console", testDir: "console", use: { baseURL: CONSOLE, api: CONSOLE } },
    {
      name: "console-everybody",
      testDir: "console-everybody",
      dependencies: ["console"],
      use: { baseURL: CONSOLE, api: CONSOLE },
    },
    { name: "server-pages", testDir: "server-pages", use: { baseURL: SERVER_PAGES, api: SERVER_PAGES } },
    { name: "german", testDir: "german", use: { baseURL: GERMAN, api: GERMAN, locale: "de-DE" } },
  ],
});
