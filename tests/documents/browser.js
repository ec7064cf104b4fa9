// For the scripts that open a page as its reader does.
const playwright = require("../browser/node_modules/@playwright/test");

// The server and a compiler of pages may share two cores.
exports.expect = playwright.expect.configure({ timeout: 10_000 });

/** Calls `visit` with a page of a new browser. */
exports.look = async (visit) => {
  const browser = await playwright.chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    await visit(await browser.newPage());
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
};
