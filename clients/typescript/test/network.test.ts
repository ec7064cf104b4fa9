import { expect, test } from "vitest";

import { createTollgate } from "../src/index.js";
import { failureOf } from "./failure.js";

/** A client whose requests all get this response. */
function responding(respond: () => Response) {
  return createTollgate({ baseUrl: "http://localhost", fetch: async () => respond() });
}

test("an unreachable server is a network error with its cause", async () => {
  const { meter } = createTollgate({ baseUrl: "http://localhost:1" });
  const failure = await failureOf(meter());
  expect(failure).toMatchObject({ status: 0, code: "network", requestId: null, retryAfter: null });
  expect(failure.cause).toBeInstanceOf(TypeError);
});

test("a proxy's error page is a network error with its status", async () => {
  const { meter } = responding(() => new Response("<h1>Bad Gateway</h1>", { status: 502 }));
  expect(await failureOf(meter())).toMatchObject({ status: 502, code: "network", body: "<h1>Bad Gateway</h1>" });
});

test("an error response without a body is a network error with its status", async () => {
  const { meter } = responding(() => new Response(null, { status: 431 }));
  expect(await failureOf(meter())).toMatchObject({ status: 431, code: "network" });
});

test("a proxy's JSON error is a network error", async () => {
  const { meter } = responding(() => Response.json({ error: "no backend", code: 1042 }, { status: 503 }));
  expect(await failureOf(meter())).toMatchObject({ status: 503, code: "network", body: { code: 1042 } });
});

test("an HTML page instead of JSON is a network error", async () => {
  const { checkSession } = responding(() => new Response("<!doctype html>"));
  expect(await failureOf(checkSession())).toMatchObject({ code: "network" });
});

test("an error has the seconds of Retry-After", async () => {
  const { login } = responding(() =>
    Response.json({ error: "wait", code: "too_many_requests" }, { status: 429, headers: { "Retry-After": "299" } }),
  );
  const failure = await failureOf(login({ username: "ada", password: "a guess" }));
  expect(failure).toMatchObject({ message: "wait", status: 429, code: "too_many_requests", retryAfter: 299 });
});
