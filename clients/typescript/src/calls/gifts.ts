import { data } from "../errors/response.js";
import type { Gift } from "../types.js";
import { type Api, type Body, byId } from "./api.js";
import { type Arguments, snakeCased } from "./arguments.js";

export type GiftRequest = Arguments<Body<"GiftRequest">>;

export interface GiftCalls {
  /** The user's gifts that have not ended, newest first. */
  list(): Promise<Gift[]>;
  get(id: number): Promise<Gift>;
  /** Gives a post away. Fails with `subscription_required` or `gift_limit_reached`. The link of the gift is its `url`. */
  create(postId: number, values?: GiftRequest): Promise<Gift>;
  /** The link opens nothing from then on, not even for those who have opened it. */
  remove(id: number): Promise<void>;
  /** Removes all gifts of the user. */
  removeAll(): Promise<void>;
}

export function giftCalls(api: Api): GiftCalls {
  return {
    list: () => data(api.GET("/gifts")),
    get: (id) => data(api.GET("/gifts/{id}", byId(id))),
    async create(postId, values = {}) {
      const body = snakeCased<Body<"GiftRequest">>(values);
      return await data(api.POST("/blog/{id}/gifts", { ...byId(postId), body }));
    },
    remove: (id) => data(api.DELETE("/gifts/{id}", byId(id))),
    removeAll: () => data(api.DELETE("/gifts")),
  };
}
