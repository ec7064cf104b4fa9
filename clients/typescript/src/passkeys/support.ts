import { tollgateError } from "../errors/error.js";

/** Whether the browser has passkeys at all. */
export function supportsPasskeys(): boolean {
  return typeof PublicKeyCredential !== "undefined" && typeof navigator.credentials?.get === "function";
}

/** Whether the browser can offer passkeys among the usernames. */
export async function supportsPasskeyAutofill(): Promise<boolean> {
  return supportsPasskeys() && ((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false);
}

/** Loads what few visits need. */
export async function ceremonies() {
  try {
    return await import("./ceremonies.js");
  } catch (cause) {
    // The page is older than what its server has now, or the network is down.
    throw tollgateError("the page's scripts could not be loaded", { status: 0, code: "network", cause });
  }
}
