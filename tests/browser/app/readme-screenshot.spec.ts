import { FERRIES } from "../support/posts";
import { expect, test } from "../support/test";

test.use({ viewport: { width: 1200, height: 800 }, deviceScaleFactor: 1.5 });

test("the screenshot for the README shows a post and the meter", async ({ page, context, api, reader: _ }) => {
  await context.request.get(`${api}/blog/2`);
  await page.goto("/");
  await page.getByRole("link", { name: FERRIES.title }).click();
  await expect(page.getByText("3 of 5 free reads left")).toBeVisible();
  await page.screenshot({ path: `screenshots/${test.info().project.name}/readme.png` });
});
