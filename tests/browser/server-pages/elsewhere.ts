import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";

/** Follows a link to this address on a page of another site. */
export async function followFromElsewhere(page: Page, address: string): Promise<void> {
  const elsewhere = createServer((_, answer) => {
    answer.setHeader("Content-Type", "text/html");
    answer.end(`<!doctype html><title>elsewhere</title><a href="${address}">A link</a>`);
  });
  // Not localhost, which is the same site on any port.
  await new Promise<void>((listening) => {
    elsewhere.listen(0, "127.0.0.1", listening);
  });
  try {
    await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
    await page.getByRole("link", { name: "A link" }).click();
    await page.waitForURL(address);
  } finally {
    elsewhere.close();
  }
}
