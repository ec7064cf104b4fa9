// What the browser does with passkeys. Pages load this file once it is needed.
import { isTollgateError, type TollgateError, tollgateError } from "../errors/error.js";
import {
  type Assertion,
  type Attestation,
  type CreationOptions,
  type RequestOptions,
  toCreationOptions,
  toJSON,
  toRequestOptions,
} from "./json.js";
import { supportsPasskeys } from "./support.js";

export { signalRemaining, signalUnknown, signalUser } from "./signals.js";

/** What the browser is to sign, and what it has signed. */
export interface Signed {
  options: RequestOptions;
  credential: Assertion;
}

/** How long before a challenge expires it is replaced, so that a credential signed just before can still be sent. */
const MARGIN = 60_000;

export function create(load: () => Promise<CreationOptions>, signal?: AbortSignal): Promise<Attestation> {
  return exclusively(signal, async ({ signal }) => {
    const publicKey = toCreationOptions(await load());
    return toJSON(expectKey(await navigator.credentials.create({ publicKey, signal })));
  });
}

/** Opens the browser's window. */
export function sign(load: () => Promise<RequestOptions>, signal?: AbortSignal): Promise<Signed> {
  return exclusively(signal, async ({ signal }) => {
    const options = await load();
    const request = { publicKey: toRequestOptions(options), signal };
    return { options, credential: toJSON(expectKey(await navigator.credentials.get(request))) };
  });
}

/** Waits until a passkey is chosen among the usernames. */
export function offer(load: () => Promise<RequestOptions>, signal?: AbortSignal): Promise<Signed> {
  return exclusively(signal, async (ceremony) => {
    for (;;) {
      await whenShown(ceremony.signal);
      // The user has not asked for anything yet, so a failure is not reported.
      const options = await load().catch((cause) => Promise.reject(cancelled(cause)));
      const request = linked(ceremony.signal);
      const timer = setTimeout(() => request.abort(), options.timeout - MARGIN);
      try {
        const { signal } = request;
        const publicKey = toRequestOptions(options);
        const credential = await navigator.credentials.get({ publicKey, signal, mediation: "conditional" });
        return { options, credential: toJSON(expectKey(credential)) };
      } catch (error) {
        // The next challenge replaces one that is about to expire.
        if (!request.signal.aborted || ceremony.signal.aborted) throw error;
      } finally {
        clearTimeout(timer);
      }
    }
  });
}

let running: AbortController | undefined;

/** A browser runs one ceremony at a time. Each ends the one before, such as an offer among the usernames. */
async function exclusively<Result>(
  signal: AbortSignal | undefined,
  ceremony: (controller: AbortController) => Promise<Result>,
): Promise<Result> {
  running?.abort();
  const controller = linked(signal);
  running = controller;
  try {
    if (!supportsPasskeys()) throw new DOMException("there is no WebAuthn", "NotSupportedError");
    return await ceremony(controller);
  } catch (cause) {
    throw toError(cause);
  }
}

/** Is aborted when the signal is. `AbortSignal.any` is younger than passkeys. */
function linked(signal: AbortSignal | undefined): AbortController {
  const controller = new AbortController();
  if (signal?.aborted) controller.abort();
  signal?.addEventListener("abort", () => controller.abort(), { once: true, signal: controller.signal });
  return controller;
}

/** Pages in the background need no challenges. */
async function whenShown(signal: AbortSignal): Promise<void> {
  while (document.visibilityState === "hidden") {
    signal.throwIfAborted();
    await new Promise((resolve) => {
      document.addEventListener("visibilitychange", resolve, { once: true, signal });
      signal.addEventListener("abort", resolve, { once: true });
    });
  }
}

function expectKey(credential: Credential | null): PublicKeyCredential {
  if (!credential) throw new DOMException("no credential", "NotAllowedError");
  return credential as PublicKeyCredential;
}

function cancelled(cause: unknown): TollgateError {
  return tollgateError("no passkey was used", { status: 0, code: "passkey_cancelled", cause });
}

function toError(cause: unknown): TollgateError {
  if (isTollgateError(cause)) return cause;
  const name = cause instanceof Error ? cause.name : "";
  // The browser does not say which: the window was closed, it took too long, or there is no passkey.
  if (name === "NotAllowedError" || name === "AbortError") return cancelled(cause);
  if (name === "InvalidStateError") {
    const message = "this device already has a passkey for this account";
    return tollgateError(message, { status: 0, code: "already_enrolled", cause });
  }
  return tollgateError("passkeys cannot be used here", { status: 0, code: "passkey_failed", cause });
}
