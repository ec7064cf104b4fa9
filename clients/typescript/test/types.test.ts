import { QueryClient, useQuery } from "@tanstack/react-query";
import { expectTypeOf, test } from "vitest";

import {
  type ClientErrorCode,
  type ErrorCode,
  isTollgateError,
  type Login,
  type Meter,
  type PostDraft,
  type Registration,
  type SecondFactorMethod,
  type Session,
  type Tollgate,
  type TollgateError,
} from "../src/index.js";
import { meterQuery, postQuery, postsQuery } from "../src/query/index.js";


test("error codes are a union, not any string", () => {
  expectTypeOf<"payment_required">().toExtend<ErrorCode>();
  expectTypeOf<"login_required" | "not_logged_in">().toExtend<ErrorCode>();
  expectTypeOf<string>().not.toExtend<ErrorCode>();
  expectTypeOf<TollgateError["code"]>().toEqualTypeOf<ErrorCode | ClientErrorCode>();
  // @ts-expect-error not an error code
  const code: ErrorCode = "pay_me_monies";
  void code;
});

test("the code of an error narrows its body", () => {
  const error = {} as unknown as TollgateError;
  if (error.code === "payment_required") {
    expectTypeOf(error.body.excerpt).toEqualTypeOf<string>();
    expectTypeOf(error.body.resets_at).toEqualTypeOf<string | null>();
    expectTypeOf(error.body.checkout_url).toEqualTypeOf<string | undefined>();
    expectTypeOf(error.body.code).toEqualTypeOf<"payment_required">();
  } else if (error.code === "second_factor_required") {
    expectTypeOf(error.body.methods).toEqualTypeOf<SecondFactorMethod[]>();
  } else if (error.code === "login_required" && error.body.anonymous) {
    expectTypeOf(error.body.excerpt).toEqualTypeOf<string>();
  } else if (error.code === "network") {
    expectTypeOf(error.body).toEqualTypeOf<unknown>();
  } else if (error.code === "not_found") {
    expectTypeOf(error.body?.error).toEqualTypeOf<string | undefined>();
  }
});

test("a guard with codes narrows to these", () => {
  const error: unknown = null;
  if (isTollgateError(error)) expectTypeOf(error).toEqualTypeOf<TollgateError>();
  if (!isTollgateError(error, "payment_required", "subscription_required")) return;
  expectTypeOf(error.code).toEqualTypeOf<"payment_required" | "subscription_required">();
  expectTypeOf(error.body.excerpt).toEqualTypeOf<string>();
});

test("arguments are in camelCase, and optional ones may be undefined", () => {
  expectTypeOf<{ username: string; password: string; email: undefined }>().toExtend<Registration>();
  expectTypeOf<{ username: string; password: string; staySignedIn: undefined }>().toExtend<Login>();
  expectTypeOf<{ username: string; password: undefined }>().not.toExtend<Login>();
  expectTypeOf<Login>().not.toHaveProperty("stay_signed_in");
  expectTypeOf<PostDraft["publishedAt"]>().toEqualTypeOf<string | null | undefined>();
});

test("common responses have no unknown in their types", () => {
  expectTypeOf<Session["ip"]>().toEqualTypeOf<string | null>();
  expectTypeOf<Meter["remaining"]>().toEqualTypeOf<number>();
  expectTypeOf<Meter["checkout_url"]>().toEqualTypeOf<string | undefined>();
});

test("queries know their data and their errors", () => {
  const tollgate = {} as unknown as Tollgate;
  const useMeter = () => useQuery(meterQuery(tollgate));
  expectTypeOf<ReturnType<typeof useMeter>["error"]>().toEqualTypeOf<TollgateError | null>();
  const queryClient = new QueryClient();
  expectTypeOf(queryClient.getQueryData(meterQuery(tollgate).queryKey)).toEqualTypeOf<Meter | undefined>();
  expectTypeOf(queryClient.getQueryData(postQuery(tollgate, 1).queryKey)?.post.data).toEqualTypeOf<string | undefined>();
  const pages = queryClient.getQueryData(postsQuery(tollgate).queryKey)?.pages;
  expectTypeOf(pages?.[0]?.before).toEqualTypeOf<number | null | undefined>();
});
