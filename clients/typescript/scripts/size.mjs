// Prints what a page loads, minified and compressed, and fails if it is more than the README says.
//
//   npm run build && npm run size
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

import { rolldown } from "rolldown";

/** In kB of gzip. The hooks come on top of the client. */
const LIMITS = { "index.js": 7, "react/index.js": 3 };

/** The app's own, and what is only loaded when a passkey is used. */
const EXTERNAL = ["react", "react/jsx-runtime", "@tanstack/react-query", /ceremonies/];

const readme = await readFile("README.md", "utf8");
for (const [file, limit] of Object.entries(LIMITS)) {
  const bundle = await rolldown({ input: `dist/${file}`, external: EXTERNAL });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  const size = gzipSync(output[0].code, { level: 9 }).length / 1000;
  console.log(`${file}: ${size.toFixed(2)} kB of at most ${limit} kB`);
  if (output.length > 1 || size > limit) process.exitCode = 1;
  if (!readme.includes(`${limit} kB`)) throw new Error(`README.md does not say ${limit} kB`);
}
