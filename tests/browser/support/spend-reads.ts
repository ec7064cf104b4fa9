import type { APIRequestContext } from "@playwright/test";

/** Spends reads without the page. */
export async function spendReads(context: APIRequestContext, api: string, times: number): Promise<void> {
  for (let read = 0; read < times; read++) await context.get(`${api}/blog/1`);
}
