import type { APIRequestContext } from "@playwright/test";

/** Uses reads up, away from the page. */
export async function read(context: APIRequestContext, api: string, times: number): Promise<void> {
  for (let read = 0; read < times; read++) await context.get(`${api}/blog/1`);
}
