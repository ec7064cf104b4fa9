import { expect, test } from "vitest";

import { createTollgate } from "../src/index.js";
import { openBrowser, openSignedIn } from "./browser.js";
import { failureOf } from "./failure.js";

const google = { name: "google", label: "Google", url: "/login/oidc/google" };

test("a button of a provider leads to the server", () => {
  expect(createTollgate().providerLoginUrl(google)).toBe("/login/oidc/google");
  const tollgate = createTollgate({ baseUrl: "https://api.example/" });
  const url = tollgate.providerLoginUrl(google, { next: "https://app.example/a?b", stay_signed_in: true });
  expect(url).toBe("https://api.example/login/oidc/google?next=https%3A%2F%2Fapp.example%2Fa%3Fb&stay_signed_in=true");
});

test("a provider that the server does not have cannot be linked", async () => {
  const { tollgate } = await openSignedIn();
  expect(await tollgate.identities()).toEqual([]);
  const options = { next: "/account" };
  expect(await failureOf(tollgate.linkIdentity("nobody", options))).toMatchObject({ status: 404, code: "not_found" });
  expect(await failureOf(tollgate.unlinkIdentity(1))).toMatchObject({ status: 404, code: "not_found" });
  expect(await failureOf(openBrowser().tollgate.identities())).toMatchObject({ code: "login_required" });
});
