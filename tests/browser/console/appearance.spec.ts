import { inspect } from "../support/inspect";
import { payForNobody } from "../support/stripe";
import { expect, test } from "./admin";

test.describe("Accessible in light and dark, at any width:", () => {
  // Each page is inspected six times.
  test.slow();

  for (const [name, path] of Object.entries({
    overview: "/admin",
    users: "/admin/users",
    "users-none": "/admin/users?query=nobody-at-all",
    posts: "/admin/posts",
    "posts-sorted": "/admin/posts?sort=reads",
    editor: "/admin/posts/1",
    subscriptions: "/admin/subscriptions",
    "delete-post": "/admin/posts/1/delete",
    outbox: "/admin/outbox",
    audit: "/admin/audit",
    settings: "/admin/settings",
    health: "/admin/health",
    everybody: "/admin/everybody/sessions",
  })) {
    test(`the page ${name}`, async ({ page }) => {
      await page.goto(path);
      await inspect(page, name);
    });
  }

  test("the pages about a user", async ({ page, phone: _, user }) => {
    for (const act of ["", "/role", "/details", "/subscription", "/delete", "/audit"]) {
      await page.goto(`/admin/users/${user.id}${act}`);
      await inspect(page, `user${act.replace("/", "-")}`);
    }
  });

  test("the pages about a payment", async ({ page, api, user }) => {
    await payForNobody(api, `cs_look_${user.id}`, "payer@elsewhere.example");
    for (const path of ["/admin/payments", `/admin/payments/cs_look_${user.id}`]) {
      await page.goto(path);
      await inspect(page, path.includes("cs_") ? "payment" : "payments");
    }
    await expect(page.getByRole("button", { name: "Assign payment" })).toBeVisible();
  });
});
