import type { SessionMessage } from "./store.js";
import type { SessionTracker } from "./tracker.js";

/**
 * Tells the other tabs of this origin about sign-ins and sign-outs, because they share the cookie. Sessions that end
 * otherwise are not passed on: each tab sees that by itself, and may know better.
 */
export function shareWithTabs(tracker: SessionTracker, baseUrl: string): void {
  if (typeof BroadcastChannel === "undefined") return;
  // Clients of different servers do not share a session.
  const channel = new BroadcastChannel(`@tollgate/client ${baseUrl}`);
  channel.onmessage = ({ data }: MessageEvent<SessionMessage>) => tracker.hear(data);
  tracker.onOwnChange = (message) => channel.postMessage(message);
}
