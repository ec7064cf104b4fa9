// Between JSON and WebAuthn, also for browsers that have no functions for it: Chromium before 129, Safari before 18.4.
import type { components } from "../schema.js";

type Schemas = components["schemas"];

export type CreationOptions = Schemas["PasskeyCreationOptions"]["publicKey"];
export type RequestOptions = Schemas["PasskeyRequestOptions"]["publicKey"];
export type Attestation = Schemas["PasskeyAttestation"];
export type Assertion = Schemas["PasskeyAssertion"];

export function toCreationOptions(options: CreationOptions): PublicKeyCredentialCreationOptions {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const { challenge, user, excludeCredentials } = options;
  return {
    ...options,
    challenge: decode(challenge),
    user: { ...user, id: decode(user.id) },
    excludeCredentials: toDescriptors(excludeCredentials),
  };
}

export function toRequestOptions(options: RequestOptions): PublicKeyCredentialRequestOptions {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const { challenge, allowCredentials } = options;
  return {
    ...options,
    challenge: decode(challenge),
    allowCredentials: toDescriptors(allowCredentials),
  };
}

/** What `create` or `get` has returned, in the form that the server accepts. */
export function toJSON(credential: PublicKeyCredential): Attestation & Assertion {
  if (typeof credential.toJSON === "function") return credential.toJSON() as Attestation & Assertion;
  const response = credential.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"] as const;
  const encoded = parts.filter((part) => response[part]).map((part) => [part, encode(response[part]!)]);
  return {
    id: credential.id,
    rawId: credential.id,
    type: credential.type,
    response: { ...Object.fromEntries(encoded), transports: response.getTransports?.() ?? null },
    clientExtensionResults: {},
  };
}

function toDescriptors(passkeys: Schemas["KnownPasskey"][]): PublicKeyCredentialDescriptor[] {
  return passkeys.map((passkey) => ({ ...passkey, id: decode(passkey.id) }) as PublicKeyCredentialDescriptor);
}

function decode(base64url: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function encode(bytes: ArrayBuffer): string {
  const binary = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
