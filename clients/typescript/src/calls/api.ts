import type { Client } from "openapi-fetch";

import type { components, paths } from "../schema.js";
import { nextCursor, nextPage } from "./headers.js";

/** The media types that programs get. Some paths answer the navigations of browsers with HTML. */
export type JsonMedia = `application/${string}`;

/** The openapi-fetch client for every path of openapi.yaml. */
export type Api = Client<paths, JsonMedia>;

export type Body<Name extends keyof components["schemas"]> = components["schemas"][Name];

export interface PageOptions<Cursor = number> {
  limit?: number | undefined;
  /** The `before` of the previous page. */
  before?: Cursor | undefined;
}

export interface Page<Item, Cursor = number> {
  items: Item[];
  /** The cursor of the next page; null on the last page. */
  before: Cursor | null;
}

export function page<Item>({ data, response }: { data: Item[]; response: Response }): Page<Item> {
  return { items: data, before: nextPage(response.headers) };
}

/** For lists whose ids are text. */
export function textPage<Item>({ data, response }: { data: Item[]; response: Response }): Page<Item, string> {
  return { items: data, before: nextCursor(response.headers) };
}

export function byId<Id>(id: Id): { params: { path: { id: Id } } } {
  return { params: { path: { id } } };
}

/** Undefined values are not sent, but the generated types do not allow them. */
export function query<Query extends object>(query: Query): { params: { query: Defined<Query> } } {
  return { params: { query: query as Defined<Query> } };
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };
