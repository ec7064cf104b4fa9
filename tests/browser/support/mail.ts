import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { expect } from "./test";

/** Waits for the nth message to this address that links to this page, and returns the link. */
export async function mailedLink(address: string, page: string, nth = 1): Promise<string> {
  let link: string | undefined;
  await expect(async () => {
    link = (await links(address, page))[nth - 1];
    expect(link, `message ${nth} to ${address} with a link to ${page}`).toBeDefined();
  }).toPass({ timeout: 15_000 });
  return link ?? "";
}

export function tokenOf(link: string): string {
  return new URL(link).searchParams.get("token") ?? "";
}

/** Oldest first. */
async function links(address: string, page: string): Promise<string[]> {
  const folder = process.env.MAIL_FOLDER ?? "";
  const names = (await readdir(folder)).filter((name) => name.endsWith(".eml")).sort();
  const mails = await Promise.all(names.map(async (name) => PostalMime.parse(await readFile(join(folder, name)))));
  return mails
    .filter(({ to }) => to?.[0]?.address === address)
    .flatMap(({ text }) => text?.match(/https?:\S+\?token=\S+/) ?? [])
    .filter((link) => new URL(link).pathname === page);
}
