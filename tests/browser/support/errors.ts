import type { Page } from "@playwright/test";

/** Collects errors from the console: exceptions, React's warnings, and violations of the Content-Security-Policy. */
export function watchForErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    // Chromium logs responses such as 401, which these pages expect.
    const expected = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !expected) errors.push(message.text());
  });
  return errors;
}
