// Writes the collection from openapi.yaml and scenario.yaml; with --check, fails if it is out of date.
//
// The method, the path and the address come from openapi.yaml; scenario.yaml has the order, what is sent and what is expected.
// An operation without a request there is added with its example body, in a folder of its tag, and fails the check.
import { readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";

const here = (name) => new URL(name, import.meta.url);
const read = (name) => readFileSync(here(name), "utf8");
const document = parse(read("../../openapi.yaml"));
const scenario = parse(read("scenario.yaml"));

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const operations = new Map(
  Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => [
      item[method].operationId,
      { ...item[method], method: method.toUpperCase(), path },
    ]),
  ),
);

const resolve = (value) =>
  value?.$ref ? resolve(value.$ref.slice(2).split("/").reduce((node, key) => node[key], document)) : value;

const script = (listen, text) => ({ listen, script: { type: "text/javascript", exec: text.replace(/\n$/, "").split("\n") } });

// Most errors are compared completely, so the scenario has them as data.
const expectation = ({ status, error, code, fields }) => {
  const rest = fields
    ? `, fields: {${Object.entries(fields).map(([name, what]) => `${JSON.stringify(name)}: ${JSON.stringify(what)}`).join(", ")}}`
    : "";
  return [
    `pm.test("${status} ${code}", () => {`,
    `    pm.response.to.have.status(${status});`,
    `    pm.expect(pm.response.json()).to.eql({ error: ${JSON.stringify(error)}, code: "${code}"${rest} });`,
    "});",
  ].join("\n");
};

const address = (path) => {
  const [before, after] = path.split("?");
  const query = after?.split("&").map((pair) => {
    const [key, ...value] = pair.split("=");
    return { key, value: value.join("=") };
  });
  return { raw: `{{base_url}}${path}`, host: ["{{base_url}}"], path: before.slice(1).split("/"), ...(query && { query }) };
};

const body = ({ json, raw, form }) => {
  if (form) return { mode: "urlencoded", urlencoded: Object.entries(form).map(([key, value]) => ({ key, value })) };
  const text = raw ?? (json && JSON.stringify(json, null, 2));
  return text === undefined ? undefined : { mode: "raw", raw: text, options: { raw: { language: "json" } } };
};

const request = (step) => {
  const operation = operations.get(step.operation);
  if (step.operation && !operation) throw new Error(`openapi.yaml has no operation ${step.operation}: ${step.name}`);
  const path = step.path ?? operation.path;
  if (/(^|[^{])\{[^{]/.test(path)) throw new Error(`${step.name} needs a path`);
  const content = body(step);
  const events = [
    ...(step.before ? [script("prerequest", step.before)] : []),
    ...(step.expect || step.test ? [script("test", step.test ?? expectation(step.expect))] : []),
  ];
  return {
    name: step.name,
    ...(events.length > 0 && { event: events }),
    request: {
      ...(step.auth && { auth: step.auth }),
      method: step.method ?? operation.method,
      header: Object.entries(step.headers ?? {}).map(([key, value]) => ({ key, value })),
      url: address(path),
      description: step.description ?? operation.description ?? operation.summary,
      ...(content && { body: content }),
    },
    ...(step.settings && { protocolProfileBehavior: step.settings }),
    ...(step.responses && { response: step.responses }),
  };
};

const used = new Set(scenario.folders.flatMap(({ requests }) => requests.map(({ operation }) => operation)));
const missing = [...operations].filter(([id]) => !used.has(id));
const added = new Map();
for (const one of missing) added.set(one[1].tags[0], [...(added.get(one[1].tags[0]) ?? []), one]);

const example = (operation) => {
  const media = resolve(operation.requestBody)?.content?.["application/json"];
  return media?.example ?? resolve(Object.values(media?.examples ?? {})[0])?.value;
};
const step = ([id, operation]) => {
  const json = example(operation);
  const path = operation.path.replace(/\{(\w+)\}/g, "{{$1}}");
  return { name: operation.summary, operation: id, path, ...(json && { json, headers: { "Content-Type": "application/json" } }) };
};

const collection = {
  info: scenario.info,
  item: [
    ...scenario.folders.map(({ name, description, requests, before }) => ({
      name,
      description,
      item: requests.map(request),
      ...(before && { event: [script("prerequest", before)] }),
    })),
    ...[...added].map(([tag, list]) => ({ name: `${tag}, without a scenario`, item: list.map((one) => request(step(one))) })),
  ],
  event: [script("prerequest", scenario.before), script("test", scenario.test)],
  variable: Object.entries(scenario.variables).map(([key, value]) => ({ key, value })),
};

const OUTPUT = "tollgate.postman_collection.json";
for (const [id] of missing) console.error(`scenario.yaml has no request for the operation ${id}`);
if (process.argv.includes("--check")) {
  const current = isDeepStrictEqual(JSON.parse(read(OUTPUT)), JSON.parse(JSON.stringify(collection)));
  if (!current) console.error(`${OUTPUT} is out of date: run node tests/postman/generate.mjs`);
  process.exitCode = current && missing.length === 0 ? 0 : 1;
} else {
  writeFileSync(here(OUTPUT), `${JSON.stringify(collection, null, 2)}\n`);
}
