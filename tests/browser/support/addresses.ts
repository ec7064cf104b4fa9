import { resolve } from "node:path";

/** The folder of the app that the tests open. */
export const MAGAZINE = resolve("../../examples/magazine");
// The default CORS_ORIGINS allows every port of localhost.
export const CROSS_ORIGIN = { page: "http://localhost:5173", api: "http://localhost:5174" };
export const SAME_ORIGIN = { page: "http://localhost:5175", api: "http://localhost:5175" };
export const SERVER_PAGES = "http://localhost:5176";
export const MAIL_PORT = 5177;
/** With the demo checkout, and three reads without a session. */
export const DEMO = { page: "http://localhost:5178", api: "http://localhost:5179" };
/** A site in German, with public excerpts. */
export const GERMAN = "http://localhost:5181";
/** With limits on guessing, a folder for pictures, and an admin who needs no second factor. */
export const CONSOLE = "http://localhost:5180";
