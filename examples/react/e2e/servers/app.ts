import { createServer } from "vite";

/** In development React runs effects twice, so this is also where a read that is charged twice would show. */
export async function serveApp(page: string, api: string): Promise<() => Promise<void>> {
  process.env.VITE_API_URL = api;
  const server = await createServer({ logLevel: "error", server: { port: Number(new URL(page).port) } });
  await server.listen();
  return () => server.close();
}
