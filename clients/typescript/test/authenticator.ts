import { createHmac } from "node:crypto";
import { setTimeout } from "node:timers/promises";

const STEP = 30_000;
/** For how long a code must still be accepted. */
const MARGIN = 10_000;

/** An authenticator app (RFC 6238). The server accepts the current code and the one before, each once. */
export class Authenticator {
  readonly #seed: Buffer;
  #next = 0;

  constructor(secret: string) {
    this.#seed = fromBase32(secret);
  }

  /** A code that has not been used. Waits for the next one if there is none, which is seldom so for the first two. */
  async code(): Promise<string> {
    const step = Math.max(this.#next, Math.floor((Date.now() + MARGIN) / STEP) - 1);
    this.#next = step + 1;
    await setTimeout(Math.max(0, step * STEP - Date.now()));
    return codeAt(this.#seed, step);
  }
}

function codeAt(seed: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", seed).update(counter).digest();
  const number = digest.readUInt32BE(digest.at(-1)! & 0xf) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"));
  return Buffer.from(bits.join("").match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
}
