import { expect, test } from "vitest";

import { createTollgate } from "../src/index.js";
import { openSignedIn } from "./browser.js";
import { failureOf } from "./failure.js";

/** A client whose requests are answered here: the tests' server has no editor. */
function answered(response: () => Response) {
  const requests: string[] = [];
  const fetch = async (request: Request) => {
    const [body, type] = [await request.text(), request.headers.get("Content-Type") ?? ""];
    const path = request.url.replace("http://tollgate", "");
    requests.push([request.method, path, type, body].filter(Boolean).join(" "));
    return response();
  };
  return { tollgate: createTollgate({ baseUrl: "http://tollgate", fetch: fetch as typeof globalThis.fetch }), requests };
}

test("a post is created, changed and replaced", async () => {
  const post = { id: 4, title: "On ferries" };
  const { tollgate, requests } = answered(() => Response.json(post));
  expect(await tollgate.posts.create({ title: "On ferries", data: "Text", slug: undefined })).toEqual(post);
  expect(await tollgate.posts.update(4, { published: true, author: null })).toEqual(post);
  expect(await tollgate.posts.replace(4, { title: "On ferries", data: "Text" })).toEqual(post);
  expect(requests).toEqual([
    'POST /blog application/json {"title":"On ferries","data":"Text"}',
    'PATCH /blog/4 application/json {"published":true,"author":null}',
    'PUT /blog/4 application/json {"title":"On ferries","data":"Text"}',
  ]);
});

test("a post is deleted", async () => {
  const { tollgate, requests } = answered(() => new Response(null, { status: 204 }));
  await tollgate.posts.remove(4);
  expect(requests).toEqual(["DELETE /blog/4"]);
});

test("a file is uploaded as it is", async () => {
  const { tollgate, requests } = answered(() => Response.json({ url: "/media/9f.png" }, { status: 201 }));
  expect(await tollgate.posts.upload(new Blob(["picture"], { type: "image/png" }))).toBe("/media/9f.png");
  await tollgate.posts.upload(new Blob(["picture"]));
  expect(requests).toEqual(["POST /media image/png picture", "POST /media application/octet-stream picture"]);
});

test("other users may not publish", async () => {
  const { tollgate } = await openSignedIn();
  const post = { title: "On ferries", data: "Text" };
  for (const call of [
    () => tollgate.posts.create(post),
    () => tollgate.posts.update(1, { title: "On ferries" }),
    () => tollgate.posts.replace(1, post),
    () => tollgate.posts.remove(1),
  ]) {
    expect(await failureOf(call())).toMatchObject({ status: 403, code: "forbidden" });
  }
});
