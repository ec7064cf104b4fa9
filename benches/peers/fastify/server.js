// The four requests with Fastify, for the benchmark beside tollgate: a process per core, as `pm2 -i max` starts them.

import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import { build } from "./app.js";

if (cluster.isPrimary) {
  for (let core = 0; core < availableParallelism(); core++) cluster.fork();
  // The runner notices that nothing answers.
  cluster.on("exit", () => process.exit(1));
} else {
  const { BCRYPT_COST, DATABASE, PORT, READS_LIMIT, SECRET } = process.env;
  const app = build({ bcryptCost: +BCRYPT_COST, database: DATABASE, readsLimit: +READS_LIMIT, secret: SECRET });
  await app.listen({ port: +PORT });
}
