import { expect } from "vitest";

import { isTollgateError, type TollgateError } from "../src/index.js";

/** The error that a call is rejected with. */
export async function failureOf(call: Promise<unknown>): Promise<TollgateError> {
  const failure: unknown = await call.then(() => null, (error: unknown) => error);
  expect(failure).toSatisfy((value) => isTollgateError(value));
  return failure as TollgateError;
}
