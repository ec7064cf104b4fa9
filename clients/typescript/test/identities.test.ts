import { expect, test } from "vitest";

import { createTollgate } from "../src/index.js";
import { openBrowser, openSignedIn } from "./browser.js";
import { failureOf } from "./failure.js";

const google = { name: "google", label: "Google", url: "/login/oidc/google" };

test("a button of a provider leads to the server", () => {
  expect(createTollgate().identities.loginUrl(google)).toBe("/login/oidc/google");
  const tollgate = createTollgate({ baseUrl: "https://api.example/" });
  const url = tollgate.identities.loginUrl(google, { next: "https://app.example/a?b", staySignedIn: true });
  expect(url).toBe("https://api.example/login/oidc/google?next=https%3A%2F%2Fapp.example%2Fa%3Fb&stay_signed_in=true");
});

test("a provider that the server does not have cannot be linked", async () => {
  const { tollgate } = await openSignedIn();
  expect(await tollgate.identities.list()).toEqual([]);
  const options = { next: "/account" };
  expect(await failureOf(tollgate.identities.link("nobody", options))).toMatchObject({ status: 404, code: "not_found" });
  expect(await failureOf(tollgate.identities.unlink(1))).toMatchObject({ status: 404, code: "not_found" });
  expect(await failureOf(openBrowser().tollgate.identities.list())).toMatchObject({ code: "login_required" });
});
