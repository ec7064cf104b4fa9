import path from "node:path";
import type { NextConfig } from "next";

const TOLLGATE = process.env.TOLLGATE ?? "http://127.0.0.1:8080";

const config: NextConfig = {
  // What this app has no page for is tollgate's, such as /login and /account: the cookie belongs to one host. /forward-auth is
  // for proxies, and not for visitors.
  rewrites: async () => ({
    beforeFiles: [],
    afterFiles: [],
    fallback: [{ source: "/:path((?!forward-auth).*)", destination: `${TOLLGATE}/:path` }],
  }),
  // The client is linked from this repository. From npm, it needs no such line.
  turbopack: { root: path.resolve("../..") },
};

export default config;
