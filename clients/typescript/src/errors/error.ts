import type { components } from "../schema.js";

type Schemas = components["schemas"];

/** The codes that the server sends. */
export type ErrorCode = Schemas["ErrorCode"];

/**
 * Codes that the server does not send:
 * - `network`: there was no response, or none that the server itself sent
 * - `passkey_cancelled`: the user closed the browser's window, took too long or has no passkey; or the call was aborted
 * - `passkey_failed`: the browser has no passkeys, or none for this page
 */
export type ClientErrorCode = "network" | "passkey_cancelled" | "passkey_failed";

export type TollgateErrorCode = ErrorCode | ClientErrorCode;

/** Bodies that have more than `error` and `code`. */
interface Bodies {
  invalid_fields: Schemas["InvalidFields"];
  /** With `anonymous`, the reads of an anonymous reader are used up, and no session has ended. */
  login_required: (Schemas["LoginRequired"] & { anonymous?: never }) | Schemas["AnonymousReadsUsedUp"];
  payment_required: Schemas["PaymentRequired"];
  second_factor_required: Schemas["SecondFactorRequired"];
  subscription_required: Schemas["SubscriptionRequired"];
}

/** The body of an error: undefined or text if the server itself has not sent it. */
export type ErrorBody<Code extends TollgateErrorCode> = Code extends keyof Bodies
  ? Bodies[Code] & { code: Code }
  : Code extends ErrorCode
    ? (Schemas["ErrorBody"] & { code: Code }) | undefined
    : unknown;

interface Details {
  /** The HTTP status; 0 if there was no response. */
  readonly status: number;
  /** With `invalid_fields`, what is wrong with each argument. */
  readonly fields: Readonly<Record<string, string>>;
  /** Finds the request in the server's log. */
  readonly requestId: string | null;
  /** In seconds. */
  readonly retryAfter: number | null;
}

interface ErrorWith<Code extends TollgateErrorCode> extends Error, Details {
  readonly code: Code;
  readonly body: ErrorBody<Code>;
}

/** Every method throws one. Comparing `code` narrows `body`. */
export type TollgateError<Code extends TollgateErrorCode = TollgateErrorCode> = Code extends TollgateErrorCode
  ? ErrorWith<Code>
  : never;

// A page may have two copies of this package, each with a class of its own.
const BRAND = Symbol.for("@tollgate/client.TollgateError");

class Failure extends Error {
  override readonly name = "TollgateError";
  readonly [BRAND] = true;
}

interface Values extends Partial<Details> {
  status: number;
  code: TollgateErrorCode;
  body?: unknown;
  cause?: unknown;
}

export function tollgateError(message: string, { cause, ...values }: Values): TollgateError {
  const details = { fields: {}, requestId: null, retryAfter: null, body: undefined, ...values };
  return Object.assign(new Failure(message, { cause }), details) as TollgateError;
}

/** Whether a value is a `TollgateError`, with one of these codes if there are any. */
export function isTollgateError<Code extends TollgateErrorCode = TollgateErrorCode>(
  value: unknown,
  ...codes: Code[]
): value is TollgateError<Code> {
  if (!(value instanceof Error) || !(BRAND in value)) return false;
  return codes.length === 0 || (codes as unknown[]).includes("code" in value && value.code);
}
