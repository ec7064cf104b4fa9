import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { MAIL_PORT } from "../support/addresses";

/** Starts an SMTP server that keeps the messages in a folder, where the tests, which are other processes, find them. */
export async function receiveMail(stops: (() => Promise<void>)[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tollgate-e2email-"));
  process.env.MAIL_FOLDER = folder;
  let received = 0;
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    onData(stream, _, done) {
      const name = String(received++).padStart(6, "0");
      buffer(stream)
        .then((message) => keep(folder, name, message))
        .then(() => done(), done);
    },
  });
  server.listen(MAIL_PORT, "127.0.0.1");
  await once(server.server, "listening");
  stops.push(async () => {
    await new Promise<void>((closed) => {
      server.close(() => closed());
    });
    await rm(folder, { recursive: true });
  });
}

/** A reader must not find half a message. */
async function keep(folder: string, name: string, message: Buffer): Promise<void> {
  await writeFile(join(folder, name), message);
  await rename(join(folder, name), join(folder, `${name}.eml`));
}
