import { FERRIES, pathOf, SHORT } from "../support/posts";
import { expect, test } from "../support/test";

test.use({ viewport: { width: 390, height: 720 }, deviceScaleFactor: 2 });

test("the picture for the README shows a post, the paywall and the account", async ({
  page,
  context,
  api,
  reader: _,
}) => {
  const pictures: string[] = [];
  const shoot = async () => pictures.push((await page.screenshot()).toString("base64"));
  await page.goto(`${api}/blog/1`);
  await page.goto(`${api}${pathOf(FERRIES)}`);
  await expect(page.getByText("3 of 5 free reads left")).toBeVisible();
  await shoot();
  for (const id of [2, 3, 7]) await context.request.get(`${api}/blog/${id}`);
  await page.goto(`${api}${pathOf(SHORT)}`);
  await expect(page.getByRole("heading", { name: "You have used your 5 free reads" })).toBeVisible();
  await shoot();
  await page.goto(`${api}/account`);
  await expect(page.getByText("0 of 5 free reads left")).toBeVisible();
  await shoot();

  await page.setViewportSize({ width: 3 * 390 + 4 * 24, height: 720 + 2 * 24 });
  await page.goto("about:blank");
  await page.setContent(`
    <style>
      body { margin: 0; padding: 24px; display: flex; gap: 24px; background: #e9e4d9 }
      img { width: 390px; border-radius: 16px; box-shadow: 0 2px 12px #0003 }
    </style>
    ${pictures.map((picture) => `<img src="data:image/png;base64,${picture}">`).join("")}`);
  await page.screenshot({ path: "screenshots/server-pages/readme.png" });
});
