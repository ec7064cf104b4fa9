import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";

import { vi } from "vitest";

interface Key {
  id: Buffer;
  rpId: string;
  user: Buffer;
  privateKey: KeyObject;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const HAS_KEY = 0x40;

/** What browsers can tell an authenticator, with what it has been told. */
export interface Told {
  unknown: { rpId: string; credentialId: string }[];
  remaining: { rpId: string; userId: string; allAcceptedCredentialIds: string[] }[];
  users: { rpId: string; userId: string; name: string; displayName: string }[];
}

/**
 * A browser's passkeys (ES256, no attestation) on a page of the server itself. It speaks in buffers only, as browsers do that
 * cannot translate JSON: the tests of the React example run in one that can.
 */
export class PasskeyBrowser {
  readonly keys: Key[] = [];
  readonly told: Told = { unknown: [], remaining: [], users: [] };
  /** Called before an answer to `get`. */
  choose: (options: CredentialRequestOptions) => Promise<void> = async () => {};
  readonly #origin = process.env["TOLLGATE_URL"]!;

  /** Until `vi.unstubAllGlobals`. */
  open({ canSignal = true } = {}): this {
    const { unknown, remaining, users } = this.told;
    const signals = {
      signalUnknownCredential: async (details: Told["unknown"][number]) => void unknown.push(details),
      signalAllAcceptedCredentials: async (details: Told["remaining"][number]) => void remaining.push(details),
      signalCurrentUserDetails: async (details: Told["users"][number]) => void users.push(details),
    };
    vi.stubGlobal("PublicKeyCredential", {
      isConditionalMediationAvailable: async () => true,
      ...(canSignal && signals),
    });
    vi.stubGlobal("navigator", { credentials: this, userAgent: "Firefox/145.0" });
    vi.stubGlobal("location", new URL(this.#origin));
    vi.stubGlobal("document", globalThis.document ?? { visibilityState: "visible" });
    return this;
  }

  async create({ publicKey, signal }: CredentialCreationOptions): Promise<object> {
    signal?.throwIfAborted();
    const { rp, user, challenge, excludeCredentials = [] } = publicKey!;
    const isKnown = excludeCredentials.some(({ id }) => this.keys.some((key) => key.id.equals(toBuffer(id))));
    if (isKnown) throw new DOMException("known", "InvalidStateError");
    const { privateKey, publicKey: point } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x, y } = point.export({ format: "jwk" });
    const key = { id: randomBytes(16), rpId: rp.id!, user: toBuffer(user.id), privateKey };
    this.keys.push(key);
    const cose = [[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], fromBase64(x!), [0x22, 0x58, 32], fromBase64(y!)];
    const attested = [Buffer.alloc(16), [0, key.id.length], key.id, ...cose];
    const data = concat(authenticatorData(key, USER_PRESENT | USER_VERIFIED | HAS_KEY), ...attested);
    // {"fmt": "none", "attStmt": {}, "authData": …}
    const head = [0xa3, ...text("fmt"), ...text("none"), ...text("attStmt"), 0xa0, ...text("authData"), 0x58, data.length];
    const response = { clientDataJSON: this.#clientData("webauthn.create", challenge), attestationObject: concat(head, data) };
    return credential(key, response);
  }

  async get(options: CredentialRequestOptions): Promise<object> {
    options.signal?.throwIfAborted();
    const aborted = new Promise<never>((_, reject) => {
      options.signal?.addEventListener("abort", () => reject(options.signal!.reason));
    });
    await Promise.race([this.choose(options), aborted]);
    const { allowCredentials = [], challenge, rpId } = options.publicKey!;
    const isAllowed = ({ id }: Key) =>
      allowCredentials.length === 0 || allowCredentials.some((allowed) => id.equals(toBuffer(allowed.id)));
    const key = this.keys.find((key) => key.rpId === rpId && isAllowed(key));
    if (!key) throw new DOMException("none", "NotAllowedError");
    const data = authenticatorData(key, USER_PRESENT | USER_VERIFIED);
    const clientData = this.#clientData("webauthn.get", challenge);
    const signed = concat(data, createHash("sha256").update(clientData).digest());
    const signature = createSign("sha256").update(signed).sign(key.privateKey);
    return credential(key, { clientDataJSON: clientData, authenticatorData: data, signature, userHandle: key.user });
  }

  #clientData(type: string, challenge: BufferSource): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge: base64url(toBuffer(challenge)), origin: this.#origin }));
  }
}

export const base64url = (bytes: Buffer) => bytes.toString("base64url");

function credential({ id }: Key, response: object): object {
  return { id: base64url(id), type: "public-key", response };
}

function authenticatorData({ rpId }: Key, flags: number): Buffer {
  const counter = Buffer.alloc(4);
  return concat(createHash("sha256").update(rpId).digest(), [flags], counter);
}

/** In CBOR. */
function text(value: string): number[] {
  return [0x60 + value.length, ...Buffer.from(value)];
}

function concat(...parts: (Buffer | number[])[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

function toBuffer(source: BufferSource): Buffer {
  return source instanceof ArrayBuffer
    ? Buffer.from(source)
    : Buffer.from(source.buffer, source.byteOffset, source.byteLength);
}

function fromBase64(value: string): Buffer {
  return Buffer.from(value, "base64url");
}
