/**
 * Resolves when the page is shown. Chromium may prerender a page before anybody opens it, and the server refuses reads
 * from such a page (`not_a_read`).
 */
export function whenVisible(): Promise<void> {
  if (typeof document === "undefined") return Promise.resolve();
  if (!("prerendering" in document) || document.prerendering !== true) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("prerenderingchange", () => resolve(), { once: true });
  });
}
