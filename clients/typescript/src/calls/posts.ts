import { data, unwrap } from "../errors/response.js";
import type { Post, PostSummary, ReadPost } from "../types.js";
import { type Api, type Body, byId, type Page, page, type PageOptions, query } from "./api.js";
import { type Arguments, snakeCased } from "./arguments.js";
import { readsLeft } from "./headers.js";

/** A new post, or what replaces one. Keys that only the server sets are ignored. */
export type PostDraft = Arguments<Body<"PostDraft">>;

/** The keys of a post that change. */
export type PostChange = Arguments<Body<"PostChange">>;

export interface PostCalls {
  list(options?: PageOptions): Promise<Page<PostSummary>>;
  /**
   * Costs a read, unless the post's `access` is `free`. Such a post needs no session. With `gift`, the token of a gift
   * link, the post is read without charge and needs no session either.
   */
  get(id: number, options?: { gift?: string | undefined }): Promise<ReadPost>;
  /** For admins and editors, like `update`, `replace`, `remove` and `upload`. */
  create(values: PostDraft): Promise<Post>;
  /** Changes the keys that `change` has. Null clears `author` and `image`, and has the server make `excerpt` and `slug` again. */
  update(id: number, change: PostChange): Promise<Post>;
  /** Keeps `access`, `published` and `publishedAt` if they are left out. Other keys get the default of a new post. */
  replace(id: number, values: PostDraft): Promise<Post>;
  remove(id: number): Promise<void>;
  /** Stores a picture or another file, and returns its path for posts. Fails with `not_found` if the server stores no files. */
  upload(file: Blob): Promise<string>;
}

export function postCalls(api: Api): PostCalls {
  return {
    list: async (options = {}) => page(await unwrap(api.GET("/blog", query(options)))),
    async get(id, { gift } = {}) {
      const params = { ...byId(id).params, ...(gift !== undefined && { query: { gift } }) };
      const { data, response } = await unwrap(api.GET("/blog/{id}", { params }));
      return { post: data, readsLeft: readsLeft(response.headers) };
    },
    create: (values) => data(api.POST("/blog", { body: snakeCased<Body<"PostDraft">>(values) })),
    async update(id, change) {
      const body = snakeCased<Body<"PostChange">>(change);
      return await data(api.PATCH("/blog/{id}", { ...byId(id), body }));
    },
    async replace(id, values) {
      const body = snakeCased<Body<"PostDraft">>(values);
      return await data(api.PUT("/blog/{id}", { ...byId(id), body }));
    },
    remove: (id) => data(api.DELETE("/blog/{id}", byId(id))),
    async upload(file) {
      const headers = { "Content-Type": file.type || "application/octet-stream" };
      // The generator has no type for binary data.
      const raw = { body: file as unknown as string, bodySerializer: (body: unknown) => body as Blob, headers };
      return (await data(api.POST("/media", raw))).url;
    },
  };
}
