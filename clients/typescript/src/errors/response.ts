import { camelCased } from "../calls/arguments.js";
import { numericHeader } from "../calls/headers.js";
import { type ErrorCode, type TollgateError, tollgateError } from "./error.js";

interface Result<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Resolves to the data of a successful response; anything else is thrown as a `TollgateError`. */
export async function unwrap<Data>(request: Promise<Result<Data>>): Promise<{ data: Data; response: Response }> {
  let result: Result<Data>;
  try {
    result = await request;
  } catch (cause) {
    throw tollgateError("the server could not be reached", { status: 0, code: "network", cause });
  }
  const { data, error, response } = result;
  if (!response.ok) throw toError(error, response);
  return { data: data as Data, response };
}

/** The same for calls that need only the body. */
export async function data<Data>(request: Promise<Result<Data>>): Promise<Data> {
  return (await unwrap(request)).data;
}

function toError(body: unknown, { status, headers }: Response): TollgateError {
  const requestId = headers.get("X-Request-Id");
  const details = { status, requestId, retryAfter: numericHeader(headers, "Retry-After"), body };
  // A proxy in front of the server sends its own error pages.
  if (!isErrorBody(body)) {
    return tollgateError(`the server responded with ${status}`, { ...details, code: "network" });
  }
  return tollgateError(body.error, { ...details, code: body.code, fields: camelCased(body.fields ?? {}) });
}

interface ErrorBody {
  error: string;
  code: ErrorCode;
  fields?: Record<string, string>;
}

export function isErrorBody(body: unknown): body is ErrorBody {
  if (typeof body !== "object" || body === null || !("error" in body) || !("code" in body)) return false;
  return typeof body.error === "string" && typeof body.code === "string";
}
