// Fails if the collection lacks a request for an operation in the server's openapi.json, or a test for an error code.
import { readFileSync } from "node:fs";

// Errors that no single request can cause without special settings, SQL or load.
const NEEDS_MORE = [
  "account_disabled",
  "email_not_verified",
  "second_factor_required_by_policy",
  "registration_closed",
  "too_many_passkeys",
  "cannot_login",
  "request_timeout",
  "overloaded",
  "too_many_tokens",
  // Where there is another admin, it would demote the one of this collection.
  "last_admin",
  // These two need a provider.
  "last_credential",
  "provider_unavailable",
  // Needs a payment from Stripe.
  "already_assigned",
  "unavailable",
  "internal",
  // These two need TRUSTED_PROXIES.
  "invalid_path",
  "resource_missing",
];

const collection = JSON.parse(readFileSync(new URL("tollgate.postman_collection.json", import.meta.url), "utf8"));
const document = await (await fetch(`${process.env.TOLLGATE_URL}/openapi.json`)).json();

const requests = collection.item.flatMap(({ item }) => item);
const isIn = ({ request }, method, segments) =>
  request.method === method &&
  request.url.path.length === segments.length &&
  segments.every((segment, i) => (segment.startsWith("{") ? request.url.path[i] !== "" : segment === request.url.path[i]));

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => method in item).map((method) => [method.toUpperCase(), path]),
);
const missing = operations
  .filter(([method, path]) => !requests.some((request) => isIn(request, method, path.slice(1).split("/"))))
  .map((operation) => operation.join(" "));

const tests = JSON.stringify(collection);
const untested = document.components.schemas.ErrorCode.enum.filter(
  (code) => !NEEDS_MORE.includes(code) && !tests.includes(`code: \\"${code}\\"`),
);

for (const what of [...missing, ...untested]) console.error(`not in the collection: ${what}`);
console.log(`${operations.length - missing.length} of ${operations.length} operations are in the collection`);
process.exitCode = missing.length + untested.length > 0 ? 1 : 0;
