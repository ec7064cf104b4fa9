import { expectTypeOf, test } from "vitest";

import {
  type ClientErrorCode,
  type Device,
  type ErrorCode,
  isPaymentRequired,
  isSecondFactorRequired,
  type Login,
  type Meter,
  type Registration,
  type SecondFactorMethod,
  type TollgateError,
} from "../src/index.js";

test("error codes are a union, not any string", () => {
  expectTypeOf<"payment_required">().toExtend<ErrorCode>();
  expectTypeOf<"login_required" | "not_logged_in">().toExtend<ErrorCode>();
  expectTypeOf<string>().not.toExtend<ErrorCode>();
  expectTypeOf<TollgateError["code"]>().toEqualTypeOf<ErrorCode | ClientErrorCode>();
  // @ts-expect-error not an error code
  const code: ErrorCode = "pay_me_monies";
  void code;
});

test("isPaymentRequired narrows the body", () => {
  const error: unknown = null;
  if (!isPaymentRequired(error)) return;
  expectTypeOf(error.body.excerpt).toEqualTypeOf<string>();
  expectTypeOf(error.body.resets_at).toEqualTypeOf<string | null>();
  expectTypeOf(error.body.checkout_url).toEqualTypeOf<string | undefined>();
  expectTypeOf(error.body.code).toEqualTypeOf<"payment_required">();
});

test("isSecondFactorRequired narrows the body", () => {
  const error: unknown = null;
  if (!isSecondFactorRequired(error)) return;
  expectTypeOf(error.body.methods).toEqualTypeOf<SecondFactorMethod[]>();
  expectTypeOf(error.body.expires_at).toEqualTypeOf<string>();
  expectTypeOf(error.body.code).toEqualTypeOf<"second_factor_required">();
});

test("optional values may be undefined, required values may not", () => {
  expectTypeOf<{ username: string; password: string; email: undefined }>().toExtend<Registration>();
  expectTypeOf<{ username: string; password: string; stay_signed_in: undefined }>().toExtend<Login>();
  expectTypeOf<{ username: string; password: undefined }>().not.toExtend<Login>();
});

test("common responses have no unknown in their types", () => {
  expectTypeOf<Device["ip"]>().toEqualTypeOf<string | null>();
  expectTypeOf<Meter["remaining"]>().toEqualTypeOf<number>();
  expectTypeOf<Meter["checkout_url"]>().toEqualTypeOf<string | undefined>();
});
