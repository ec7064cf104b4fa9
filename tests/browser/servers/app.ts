import { createServer } from "vite";
import { MAGAZINE } from "../support/addresses";

/** In development, React runs effects twice, which would reveal a read that is charged twice. */
export async function serveApp(page: string, api: string): Promise<() => Promise<void>> {
  process.env.VITE_API_URL = api;
  const port = Number(new URL(page).port);
  // Two servers must not optimize the dependencies in the same folder at once.
  const cacheDir = `node_modules/.vite-${port}`;
  const server = await createServer({ root: MAGAZINE, logLevel: "error", cacheDir, server: { port } });
  await server.listen();
  return () => server.close();
}
