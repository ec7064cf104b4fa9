import type { AnonymousReadsUsedUp, ErrorCode, PaymentRequired, SecondFactorRequired, SubscriptionRequired } from "./types.js";

/**
 * Codes that the server does not send:
 * - `network`: there was no response, or none that the server itself sent
 * - `passkey_cancelled`: the user closed the browser's window, took too long or has no passkey; or the call was aborted
 * - `passkey_failed`: the browser has no passkeys, or none for this page
 */
export type ClientErrorCode = "network" | "passkey_cancelled" | "passkey_failed";

interface Details {
  status: number;
  code: ErrorCode | ClientErrorCode;
  fields?: Readonly<Record<string, string>> | undefined;
  requestId?: string | null | undefined;
  retryAfter?: number | null | undefined;
  body?: unknown;
  cause?: unknown;
}

/** Thrown by every method. */
export class TollgateError extends Error {
  override readonly name = "TollgateError";
  /** The HTTP status; 0 if there was no response. */
  readonly status: number;
  readonly code: ErrorCode | ClientErrorCode;
  /** With `invalid_fields`, what is wrong with each field. */
  readonly fields: Readonly<Record<string, string>>;
  /** Finds the request in the server's log. */
  readonly requestId: string | null;
  /** In seconds. */
  readonly retryAfter: number | null;
  /** The response body: an object, a string if it is not JSON, or undefined. */
  readonly body: unknown;

  constructor(message: string, details: Details) {
    super(message, { cause: details.cause });
    this.status = details.status;
    this.code = details.code;
    this.fields = details.fields ?? {};
    this.requestId = details.requestId ?? null;
    this.retryAfter = details.retryAfter ?? null;
    this.body = details.body;
  }
}

/** Whether the reads are used up. `body` then has the excerpt and, if the operator has set one, the payment link. */
export function isPaymentRequired(error: unknown): error is TollgateError & { body: PaymentRequired } {
  return error instanceof TollgateError && error.code === "payment_required";
}

/** Whether the post is for subscribers. `body` then has the excerpt and, if the operator has set one, the payment link. */
export function isSubscriptionRequired(error: unknown): error is TollgateError & { body: SubscriptionRequired } {
  return error instanceof TollgateError && error.code === "subscription_required";
}

/** Whether the reads of a reader without a session are used up. `body` then has the excerpt. Offer to register or sign in. */
export function isAnonymousReadsUsedUp(error: unknown): error is TollgateError & { body: AnonymousReadsUsedUp } {
  if (!(error instanceof TollgateError) || error.code !== "login_required") return false;
  const { body } = error;
  return typeof body === "object" && body !== null && "anonymous" in body && body.anonymous === true;
}

/** Whether the password was right, and `loginSecondFactor` completes the login. `body.methods` says what the user has. */
export function isSecondFactorRequired(error: unknown): error is TollgateError & { body: SecondFactorRequired } {
  return error instanceof TollgateError && error.code === "second_factor_required";
}
