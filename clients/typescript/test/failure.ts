import { expect } from "vitest";

import { TollgateError } from "../src/index.js";

/** The error that a call is rejected with. */
export async function failureOf(call: Promise<unknown>): Promise<TollgateError> {
  const failure: unknown = await call.then(() => null, (error: unknown) => error);
  expect(failure).toBeInstanceOf(TollgateError);
  return failure as TollgateError;
}
