import type { ErrorCode, PaymentRequired } from "./types.js";

interface Details {
  status: number;
  code: ErrorCode | "network";
  fields?: Readonly<Record<string, string>> | undefined;
  requestId?: string | null | undefined;
  retryAfter?: number | null | undefined;
  body?: unknown;
  cause?: unknown;
}

/** What every method throws: a refusal of the server, or `network` where nothing came that is an answer of its. */
export class TollgateError extends Error {
  override readonly name = "TollgateError";
  /** 0 where no answer came. */
  readonly status: number;
  readonly code: ErrorCode | "network";
  /** What is wrong with each field, for `invalid_fields`. */
  readonly fields: Readonly<Record<string, string>>;
  /** What the server's log has the request under. */
  readonly requestId: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;
  /** The whole answer: an object, a text that is not JSON, or undefined. */
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

/** Whether the reads are used up; then `body` has the excerpt, and where one is set the link for paying. */
export function isPaymentRequired(error: unknown): error is TollgateError & { body: PaymentRequired } {
  return error instanceof TollgateError && error.code === "payment_required";
}
