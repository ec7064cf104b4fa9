// For the scripts that open a page as its reader does.
const playwright = require("../browser/node_modules/@playwright/test");

// The server and a compiler of pages may share two cores.
const expect = playwright.expect.configure({ timeout: 10_000 });

const EXCERPT = "A road wants mending, and somebody has to pay for the stones.";

/** Creates an account in a page of the quick starts, and reads its post until the free reads are used up. */
exports.readUntilThePaywall = async (page, address) => {
  await page.goto(address);
  await page.getByLabel("Username").fill("eve");
  await page.getByLabel("Password").fill("four sneaky newts");
  await page.getByRole("button", { name: "Create an account" }).click();
  for (const left of [4, 3, 2, 1, 0]) {
    if (left < 4) await page.reload();
    await expect(page.getByText(`${left} of 5 free reads left`)).toBeVisible();
    await expect(page.getByRole("heading")).toHaveText("What a toll gate is for");
    await expect(page.getByText(EXCERPT, { exact: true })).toBeHidden();
  }
  await page.reload();
  await expect(page.getByText(EXCERPT, { exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "Subscribe to read on" })).toHaveAttribute("href", /demo-checkout/);
};

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
