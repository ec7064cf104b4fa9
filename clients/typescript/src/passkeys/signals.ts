// WebAuthn's Signal API (Chromium 132): tells the browser what has changed on the server, so that it no longer
// offers passkeys that were deleted, and shows current usernames.
import type { Assertion, CreationOptions, RequestOptions } from "./json.js";

interface Signals {
  signalUnknownCredential?(details: { rpId: string; credentialId: string }): Promise<void>;
  signalAllAcceptedCredentials?(details: {
    rpId: string;
    userId: string;
    allAcceptedCredentialIds: string[];
  }): Promise<void>;
  signalCurrentUserDetails?(details: {
    rpId: string;
    userId: string;
    name: string;
    displayName: string;
  }): Promise<void>;
}

/** Loads the options for another passkey: they list what the user has. */
type Load = () => Promise<CreationOptions>;

/** After a passkey was deleted: the others remain. */
export async function signalRemaining(load: Load): Promise<void> {
  const api = signals();
  if (!api?.signalAllAcceptedCredentials) return;
  await quietly(async () => {
    const { rp, user, excludeCredentials } = await load();
    const allAcceptedCredentialIds = excludeCredentials.map(({ id }) => id);
    await api.signalAllAcceptedCredentials?.({ rpId: rp.id, userId: user.id, allAcceptedCredentialIds });
  });
}

/** After the username was changed. */
export async function signalUser(load: Load): Promise<void> {
  const api = signals();
  if (!api?.signalCurrentUserDetails) return;
  await quietly(async () => {
    const { rp, user } = await load();
    const { id: userId, name, displayName } = user;
    await api.signalCurrentUserDetails?.({ rpId: rp.id, userId, name, displayName });
  });
}

/**
 * After a passkey was refused. The server does not say whether it is unknown or the page's origin is wrong. On the host
 * that passkeys belong to, it is not the origin.
 */
export async function signalUnknown({ rpId }: RequestOptions, { id: credentialId }: Assertion): Promise<void> {
  if (rpId !== location.hostname) return;
  await quietly(async () => signals()?.signalUnknownCredential?.({ rpId, credentialId }));
}

function signals(): Signals | undefined {
  return typeof PublicKeyCredential === "undefined" ? undefined : (PublicKeyCredential as Signals);
}

/** Best effort: at worst, the browser offers a deleted passkey or an old name. */
async function quietly(signal: () => Promise<void>): Promise<void> {
  await signal().catch(() => {});
}
