/**
 * Waits until somebody looks at the page: Chromium may open one ahead, and what such a page reads is refused
 * (`not_a_read`), as nobody asked to read it.
 */
export function shown(): Promise<void> {
  const isAhead = typeof document !== "undefined" && "prerendering" in document && document.prerendering === true;
  if (!isAhead) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("prerenderingchange", () => resolve(), { once: true });
  });
}
