import { expect, test } from "vitest";

import { createTollgate } from "../src/index.js";
import { failureOf } from "./failure.js";

/** A client whose requests are all answered like this. */
function answering(answer: () => Response) {
  return createTollgate({ baseUrl: "http://localhost", fetch: async () => answer() });
}

test("a server that is away is a network error with its cause", async () => {
  const { meter } = createTollgate({ baseUrl: "http://localhost:1" });
  const failure = await failureOf(meter());
  expect(failure).toMatchObject({ status: 0, code: "network", requestId: null, retryAfter: null });
  expect(failure.cause).toBeInstanceOf(TypeError);
});

test("what a proxy says in its own words is a network error with its status", async () => {
  const { meter } = answering(() => new Response("<h1>Bad Gateway</h1>", { status: 502 }));
  expect(await failureOf(meter())).toMatchObject({ status: 502, code: "network", body: "<h1>Bad Gateway</h1>" });
});

test("an error without a body is a network error with its status", async () => {
  const { meter } = answering(() => new Response(null, { status: 431 }));
  expect(await failureOf(meter())).toMatchObject({ status: 431, code: "network" });
});

test("JSON of a proxy that has other keys is a network error too", async () => {
  const { meter } = answering(() => Response.json({ error: "no backend", code: 1042 }, { status: 503 }));
  expect(await failureOf(meter())).toMatchObject({ status: 503, code: "network", body: { code: 1042 } });
});

test("a page where JSON should be is a network error", async () => {
  const { checkSession } = answering(() => new Response("<!doctype html>"));
  expect(await failureOf(checkSession())).toMatchObject({ code: "network" });
});

test("a refusal tells when to come again", async () => {
  const { login } = answering(() =>
    Response.json({ error: "wait", code: "too_many_requests" }, { status: 429, headers: { "Retry-After": "299" } }),
  );
  const failure = await failureOf(login({ username: "ada", password: "a guess" }));
  expect(failure).toMatchObject({ message: "wait", status: 429, code: "too_many_requests", retryAfter: 299 });
});
