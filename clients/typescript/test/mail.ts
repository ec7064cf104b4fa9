import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import PostalMime from "postal-mime";
import { vi } from "vitest";

const folder = process.env["TOLLGATE_MAIL"];

/** Waits for the nth message to this address that links to this page, and returns the token of the link. */
export async function mailedToken(address: string, page: string, nth = 1): Promise<string> {
  return vi.waitFor(
    async () => {
      const token = (await tokens(address, page))[nth - 1];
      if (!token) throw new Error(`no message ${nth} to ${address} links to ${page}`);
      return token;
    },
    { timeout: 10_000, interval: 100 },
  );
}

/** Oldest first. */
async function tokens(address: string, page: string): Promise<string[]> {
  if (!folder) throw new Error("set TOLLGATE_MAIL to the folder in which the server writes its email");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".eml")).sort();
  const found: string[] = [];
  for (const name of names) {
    const mail = await PostalMime.parse(await readFile(join(folder, name)));
    const token = mail.text?.match(/\/([\w-]+)\?token=(\S+)/);
    if (mail.to?.[0]?.address === address && token?.[1] === page) found.push(token[2]!);
  }
  return found;
}
