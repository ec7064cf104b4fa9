import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import bcrypt from "bcrypt";
import Database from "better-sqlite3";
import fastify from "fastify";
import SqliteStore from "fastify-session-better-sqlite3-store";

const DAY = 86_400_000;
const PERIOD = 30 * DAY;

const credentials = {
  type: "object",
  required: ["username", "password"],
  properties: {
    username: { type: "string", minLength: 1, maxLength: 64 },
    // bcrypt looks at 72 bytes.
    password: { type: "string", minLength: 8, maxLength: 72 },
  },
};
const user = { type: "object", properties: { id: { type: "integer" }, username: { type: "string" } } };
const post = {
  type: "object",
  properties: {
    id: { type: "integer" },
    title: { type: "string" },
    data: { type: "string" },
    excerpt: { type: "string" },
  },
};

/** Looks at the count and changes it, in one statement, which is a transaction. */
const COUNT = `
  INSERT INTO meters (user_id, period_started_at, used) VALUES (:user, :now, 1)
  ON CONFLICT (user_id) DO UPDATE SET
    used = iif(period_started_at > :before, used + 1, 1),
    period_started_at = iif(period_started_at > :before, period_started_at, :now)
  WHERE used < :limit OR period_started_at <= :before
  RETURNING used`;

export function build({ bcryptCost, database, readsLimit, secret }) {
  const db = new Database(database, { timeout: 30_000 });
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  const addUser = db.prepare("INSERT INTO users (username, password_hash) VALUES (?, ?)");
  const userByName = db.prepare("SELECT id, username, password_hash FROM users WHERE username = ?");
  const userById = db.prepare("SELECT id, username FROM users WHERE id = ?");
  const postById = db.prepare("SELECT id, title, data, excerpt FROM posts WHERE id = ?");
  const countRead = db.prepare(COUNT);

  const app = fastify();
  app.register(fastifyCookie);
  app.register(fastifySession, {
    secret,
    store: new SqliteStore(db),
    cookie: { secure: false, sameSite: "lax", maxAge: DAY },
    saveUninitialized: false,
    // Its default writes the session to the database at every request.
    rolling: false,
  });

  const signedIn = (request) => request.session.userId && userById.get(request.session.userId);

  app.post("/register", { schema: { body: credentials, response: { 201: user } } }, async (request, reply) => {
    const { username, password } = request.body;
    const hash = await bcrypt.hash(password, bcryptCost);
    try {
      const { lastInsertRowid } = addUser.run(username, hash);
      return reply.code(201).send({ id: lastInsertRowid, username });
    } catch (error) {
      if (error.code !== "SQLITE_CONSTRAINT_UNIQUE") throw error;
      return reply.code(409).send({ error: "username taken" });
    }
  });

  app.post("/login", { schema: { body: credentials, response: { 200: user } } }, async (request, reply) => {
    const found = userByName.get(request.body.username);
    if (!found || !(await bcrypt.compare(request.body.password, found.password_hash))) {
      return reply.code(401).send({ error: "cannot login" });
    }
    await request.session.regenerate();
    request.session.userId = found.id;
    return found;
  });

  app.get("/check_session", { schema: { response: { 200: user } } }, (request, reply) => {
    const found = signedIn(request);
    reply.code(found ? 200 : 401).send(found || { error: "no user logged in" });
  });

  const params = { type: "object", properties: { id: { type: "integer" } } };
  app.get("/blog/:id", { schema: { params, response: { 200: post } } }, (request, reply) => {
    const reader = signedIn(request);
    if (!reader) return reply.code(401).send({ error: "please login" });
    const found = postById.get(request.params.id);
    if (!found) return reply.code(404).send({ error: "Blog not found" });
    const now = Date.now();
    // Not `get`: it does not report that the commit failed, which follows the row.
    const [counted] = countRead.all({ user: reader.id, now, before: now - PERIOD, limit: readsLimit });
    if (!counted) return reply.code(402).send({ error: "pay me monies" });
    reply.header("x-reads-remaining", readsLimit - counted.used).send(found);
  });
  return app;
}
