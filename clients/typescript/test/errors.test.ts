import { expect, test, vi } from "vitest";

import { createTollgate, isTollgateError, messageFor, type Messages } from "../src/index.js";
import { newLogin, openBrowser, openSignedIn, password } from "./browser.js";
import { failureOf } from "./failure.js";

test("an error of another copy of the package is recognised", async () => {
  vi.resetModules();
  const copy = await import("../src/errors/error.js");
  const error = copy.tollgateError("pay", { status: 400, code: "payment_required" });
  expect(copy.isTollgateError).not.toBe(isTollgateError);
  expect(isTollgateError(error)).toBe(true);
  expect(isTollgateError(error, "payment_required", "subscription_required")).toBe(true);
  expect(isTollgateError(error, "subscription_required")).toBe(false);
});

test("other values are no errors of tollgate", () => {
  for (const value of [null, undefined, "network", new Error("network"), { code: "network", status: 0 }]) {
    expect(isTollgateError(value)).toBe(false);
  }
});

test("the fields of an error have the names of the arguments", async () => {
  const { tollgate } = await openSignedIn();
  const failure = await failureOf(tollgate.account.changePassword({ currentPassword: password, newPassword: "short" }));
  expect(failure).toMatchObject({ code: "invalid_fields", fields: { newPassword: expect.any(String) } });
  expect(failure.body).toMatchObject({ fields: { new_password: failure.fields["newPassword"] } });
});

test("a site has its own texts for some codes, and the server's for the others", async () => {
  const messages: Messages = {
    username_taken: "Dieser Name ist vergeben.",
    payment_required: ({ body }) => `Lesen Sie „${body.post_title}“ im Abonnement.`,
  };
  const { tollgate } = openBrowser();
  expect(messageFor(await failureOf(tollgate.register(await newLogin())), messages)).toBe("Dieser Name ist vergeben.");
  expect(messageFor(await failureOf(tollgate.posts.get(1)), messages)).toBe("please login");

  const refusal = { error: "pay", code: "payment_required", post_title: "Zölle" };
  const paywall = createTollgate({ baseUrl: "http://localhost", fetch: async () => Response.json(refusal, { status: 400 }) });
  const failure = await failureOf(paywall.posts.get(1));
  expect(messageFor(failure, messages)).toBe("Lesen Sie „Zölle“ im Abonnement.");
});
