import { createServer } from "vite";

/** In development, React runs effects twice, which would reveal a read that is charged twice. */
export async function serveApp(page: string, api: string): Promise<() => Promise<void>> {
  process.env.VITE_API_URL = api;
  const server = await createServer({ logLevel: "error", server: { port: Number(new URL(page).port) } });
  await server.listen();
  return () => server.close();
}
