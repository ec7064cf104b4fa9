import { TollgateError } from "./error.js";
import { number } from "./headers.js";
import type { ErrorCode } from "./types.js";

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Waits for an answer and throws what is none or refuses. */
export async function answered<Data>(call: Promise<Answer<Data>>): Promise<{ data: Data; response: Response }> {
  let answer: Answer<Data>;
  try {
    answer = await call;
  } catch (cause) {
    throw new TollgateError("the server could not be reached", { status: 0, code: "network", cause });
  }
  const { data, error, response } = answer;
  if (!response.ok) throw refusal(error, response);
  return { data: data as Data, response };
}

function refusal(body: unknown, { status, headers }: Response): TollgateError {
  const details = { status, requestId: headers.get("X-Request-Id"), retryAfter: number(headers, "Retry-After"), body };
  // A proxy between here and the server answers in its own words.
  if (!isRefusal(body)) return new TollgateError(`the server answered ${status}`, { ...details, code: "network" });
  return new TollgateError(body.error, { ...details, code: body.code, fields: body.fields });
}

interface Refusal {
  error: string;
  code: ErrorCode;
  fields?: Record<string, string>;
}

export function isRefusal(body: unknown): body is Refusal {
  if (typeof body !== "object" || body === null || !("error" in body) || !("code" in body)) return false;
  return typeof body.error === "string" && typeof body.code === "string";
}
