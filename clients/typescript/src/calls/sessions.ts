import { data, unwrap } from "../errors/response.js";
import type { Session } from "../types.js";
import { type Api, byId } from "./api.js";
import { type Confirmation, confirmedByPassword } from "./confirmation.js";

export interface SessionCalls {
  /** Where the user is signed in, the last used first. */
  list(): Promise<Session[]>;
  /** To end the session of this client, call `logout` instead: otherwise, the sign-out is reported as `ended_elsewhere`. */
  end(id: number, confirmation?: Confirmation): Promise<void>;
  endOthers(confirmation?: Confirmation): Promise<void>;
}

export function sessionCalls(api: Api): SessionCalls {
  return {
    async list() {
      return (await data(api.GET("/sessions"))) as Session[];
    },
    async end(id, confirmation) {
      await unwrap(api.DELETE("/sessions/{id}", { ...byId(id), body: confirmedByPassword(confirmation) }));
    },
    endOthers: (confirmation) => data(api.DELETE("/sessions", { body: confirmedByPassword(confirmation) })),
  };
}
