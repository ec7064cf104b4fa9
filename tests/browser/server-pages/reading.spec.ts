import { inspect } from "../support/inspect";
import { FERRIES, HOSTILE, SHORT } from "../support/posts";
import { spendReads } from "../support/spend-reads";
import { pay } from "../support/stripe";
import { tabTo } from "../support/tab-to";
import { expect, test } from "../support/test";
import { followFromElsewhere } from "./elsewhere";
import { submit } from "./form";

test.describe("Without scripts:", () => {
  test.use({ javaScriptEnabled: false });

  test("a visitor signs in, finds a post and reads it", async ({ page, user }) => {
    await page.goto("/blog");
    await submit(page, "Sign in", { Username: user.username, Password: user.password });
    await expect(page).toHaveURL("/blog");
    await expect(page.getByText("5 of 5 free reads left.")).toBeVisible();
    await expect(page.getByRole("link", { name: SHORT.title })).toBeVisible();
    await page.getByRole("link", { name: FERRIES.title }).click();
    await expect(page.getByRole("heading", { level: 1, name: FERRIES.title })).toBeVisible();
    await expect(page.getByRole("heading", { level: 2, name: "The jar" })).toBeVisible();
    await expect(page.getByText("There is a bell")).toBeVisible();
    await expect(page.getByText("4 of 5 free reads left until")).toBeVisible();
    await page.getByRole("link", { name: "All posts" }).click();
    await expect(page.getByText("4 of 5 free reads left until")).toBeVisible();
  });

  test("without reads left, the excerpt and the payment link are shown", async ({ page, context, api, reader }) => {
    await spendReads(context.request, api, 5);
    await page.goto("/blog");
    await page.getByRole("link", { name: FERRIES.title }).click();
    await expect(page.getByRole("heading", { name: "You have used your 5 free reads" })).toBeVisible();
    await expect(page.getByText(FERRIES.excerpt ?? "")).toBeVisible();
    await expect(page.getByText("There is a bell")).toHaveCount(0);
    await expect(page.getByRole("link", { name: "Subscribe to continue" })).toHaveAttribute(
      "href",
      `https://buy.example/plan?client_reference_id=${reader.id}`,
    );
    await pay(api, reader.id);
    await page.reload();
    await expect(page.getByText("There is a bell")).toBeVisible();
    await expect(page.getByText("You have a subscription with unlimited reads.")).toBeVisible();
  });

  test("a link on another site shows the excerpt, and a button reads the post", async ({ page, api, reader: _ }) => {
    await followFromElsewhere(page, `${api}/blog/1`);
    await expect(page.getByText("5 of 5 free reads left.")).toBeVisible();
    await page.reload();
    await expect(page.getByText("5 of 5 free reads left.")).toBeVisible();
    await tabTo(page, "Read it (5 of 5 left)");
    await page.keyboard.press("Enter");
    await expect(page.getByText("4 of 5 free reads left until")).toBeVisible();
    await page.getByRole("link", { name: "All posts" }).click();
    await expect(page.getByText("4 of 5 free reads left until")).toBeVisible();
  });
});

test("a post cannot run scripts", async ({ page, reader: _ }) => {
  await page.goto("/blog");
  await page.getByRole("link", { name: HOSTILE.title }).click();
  await expect(page.getByText("Nothing here may run.")).toBeVisible();
  await expect(page.getByText("<script>")).toBeVisible();
  await expect(page.getByRole("link", { name: "a link" })).toHaveCount(0);
  await expect(page).toHaveTitle(`${HOSTILE.title} · The Turnpike`);
});

test.describe("Accessible in light and dark, at any width:", () => {
  // Each page is inspected six times.
  test.slow();

  test("the list", async ({ page, reader: _ }) => {
    await page.goto("/blog");
    await inspect(page, "posts");
  });

  test("a post", async ({ page, reader: _ }) => {
    await page.goto("/blog");
    await page.getByRole("link", { name: FERRIES.title }).click();
    await expect(page.getByText("There is a bell")).toBeVisible();
    await inspect(page, "post");
  });

  test("the excerpt with a button", async ({ page, api, reader: _ }) => {
    await followFromElsewhere(page, `${api}/blog/1`);
    await expect(page.getByRole("button", { name: "Read it (5 of 5 left)" })).toBeVisible();
    await inspect(page, "post-teaser");
  });

  test("the paywall", async ({ page, context, api, reader: _ }) => {
    await spendReads(context.request, api, 5);
    await page.goto("/blog");
    await page.getByRole("link", { name: FERRIES.title }).click();
    await expect(page.getByRole("link", { name: "Subscribe to continue" })).toBeVisible();
    await inspect(page, "post-paywall");
  });

  test("a post that does not exist", async ({ page, reader: _ }) => {
    await page.goto("/blog/999");
    await inspect(page, "post-missing");
  });
});

test.describe("For the guide:", () => {
  test.use({ viewport: { width: 760, height: 620 }, deviceScaleFactor: 1.5 });

  test("a post", async ({ page, context, api, reader: _ }) => {
    await spendReads(context.request, api, 2);
    await page.goto("/blog");
    await page.getByRole("link", { name: FERRIES.title }).click();
    await expect(page.getByText("2 of 5 free reads left")).toBeVisible();
    await page.screenshot({ path: `screenshots/${test.info().project.name}/guide-post.png` });
  });
});
