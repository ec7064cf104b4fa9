import type { Page } from "@playwright/test";

/** Notes what the console says of errors: exceptions, React's own, and what the Content-Security-Policy stopped. */
export function watchForErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    // Chromium's own note of an answer such as 401, which these pages expect.
    const expected = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !expected) errors.push(message.text());
  });
  return errors;
}
