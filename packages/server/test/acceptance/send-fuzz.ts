import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";
import type { StoreReader } from "@cti-connectors/core";
import { taxiiContentType } from "@cti-connectors/taxii-server";
import { expect } from "vitest";
import { z } from "zod";
import { problemJson } from "../../src/answers/problem-json.js";
import { createServerApp, type ServerOptions } from "../../src/index.js";

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = createRandom(20_261_128);
function pick<Item>(items: readonly [Item, ...Item[]]): Item {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

const hostile: readonly [string, ...string[]] = [
  "",
  " ",
  "\u0000",
  "-1",
  "0",
  "1.5",
  "1e9",
  "99999999999999999999",
  "NaN",
  "null",
  "[object Object]",
  "$gt",
  '{"$gt":""}',
  "$where",
  "__proto__",
  "constructor",
  ".*",
  "^(a+)+$",
  "[",
  "\\",
  "../../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  '"><script>alert(1)</script>',
  "javascript:alert(1)",
  "hxxp://c2[.]example/a?token=1",
  "' OR 1=1 --",
  "日本語",
  "🦄".repeat(20),
  "a".repeat(1_999),
  "T".repeat(3_000),
  "9999-99-99T99:99:99Z",
  "0001-01-01T00:00:00Z",
  "0.0.0.0/0",
  "::/0",
  "10.0.0.0/8",
  "com",
];

const sensible: readonly [string, ...string[]] = [
  "enterprise-attack",
  ...["ics-attack", "mobile-attack", "18.1", "1", "7", "30", "200", "1000", "1d", "90d"],
  ...["technique", "software", "group", "malware", "type", "true", "false", "url", "domain", "ip:port"],
  ...["T1059", "T1059.001", "G0016", "S0154", "TA0002", "C0024", "M1038", "DC0032", "cobalt strike", "a"],
  ...["win.cobalt_strike", "192.0.2.17", "CVE-2024-3400", "execution", "Windows", "unknown", "all", "first"],
  ...["techniques", "groups", "users", "detections", "procedures", "parent", "tactics", "successor", "last"],
  ...["2.0", "2.1", "attack-pattern", "relationship", "x-mitre-tactic", "indicator", "2020-01-01T00:00:00Z"],
  "attack-pattern--970a3432-3237-47ad-bcca-7d8cbb217736",
  "MTc5NTg2MDAwMDAwMCAx",
];

/** What a request may contain beside what is written here: values that are stored. */
export interface StoredValues {
  readonly values: readonly [string, ...string[]];
}

function value({ values }: StoredValues): string {
  const kind = random();
  return kind < 0.35 ? pick(hostile) : kind < 0.6 ? pick(sensible) : pick(values);
}

const document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        parameters: z
          .array(
            z.object({
              name: z.string(),
              in: z.string(),
              schema: z.object({ enum: z.array(z.string()).optional() }),
            }),
          )
          .default([]),
      }),
    ),
  ),
});
type Operation = z.output<typeof document>["paths"][string][string];

interface AskedPath {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

const fieldsOfFilter = ["id", "type", "version", "spec_version"].map((name) => `match[${name}]`);
const taxiiParameters = [...fieldsOfFilter, "added_after", "limit", "next"].map((name) => ({
  ...{ name, in: "query", schema: {} },
}));

/** The paths of TAXII, written as those of the API are. */
const taxiiPaths: readonly AskedPath[] = ["/api/v21", "/api/v21/attack-18.1", "/threatfox"].flatMap(
  (root) => {
    const collection = `${root}/collections/{collection}`;
    const collections = [
      "x-mitre-collection--1f5f1533-f617-4ca8-9ab4-6a02367fa019",
      "x-mitre-collection--90c00720-636b-4485-b342-8751d232bf09",
      "iocs",
    ];
    const parameters = [
      { name: "collection", in: "path", schema: { enum: collections } },
      { name: "object", in: "path", schema: {} },
      ...taxiiParameters,
    ];
    const paths = ["objects", "manifest", "objects/{object}", "objects/{object}/versions", ""];
    return paths.map((path) => ({
      ...{ path: `${collection}/${path}/`.replace("//", "/"), method: "get" },
      operation: { parameters },
    }));
  },
);

/** What is no route, or has no query. */
const otherPaths: readonly AskedPath[] = [
  "/taxii2/",
  "/{any}",
  "/{any}/{any}",
  "/api/v1/{any}",
  "/assets/{any}",
].map((path) => ({ path, method: "get", operation: { parameters: taxiiParameters } }));

/** A value of a parameter: mostly one that fits, where its schema lists some. */
function fitting({ schema }: Operation["parameters"][number], stored: StoredValues): string {
  const [first, ...others] = schema.enum ?? [];
  return first !== undefined && random() < 0.8 ? pick([first, ...others]) : value(stored);
}

function urlOf({ path, operation: { parameters } }: AskedPath, stored: StoredValues): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => {
    const parameter = parameters.find((each) => each.name === name && each.in === "path");
    return encodeURIComponent(parameter === undefined ? value(stored) : fitting(parameter, stored));
  });
  const isAsked = path.startsWith("/api/v1/") ? 0.6 : 0.25;
  const query = parameters
    .filter((each) => each.in === "query" && random() < isAsked)
    .flatMap((each) =>
      Array.from({ length: random() < 0.1 ? 3 : 1 }, () => [each.name, fitting(each, stored)]),
    );
  const more = random() < 0.1 ? [[pick(["$where", "__proto__", "filter", "a[$ne]"]), value(stored)]] : [];
  const text = [...query, ...more].map((pair) =>
    pair.map((part) => encodeURIComponent(part ?? "")).join("="),
  );
  return `http://localhost${filled}?${text.join("&")}${random() < 0.05 ? "&%zz=%&&=" : ""}`;
}

/** What may be asked, and by which fields: each has an index, or the collection holds few documents. */
const askedFields: Readonly<Record<string, RegExp>> = {
  // The list of collections is one document.
  collections: /^(?:|removed_at)$/,
  objects: /^(?:data\.objects\.\w+|data\.collection_id|enriched\.[\w.]+|_id)$/,
  // Without a field: whether there is any.
  threatfox_raw: /^(?:|_id|ingested_at|enriched\.(?:indicator\.\w+|malware|folded_tags|first_seen|stix_id))$/,
  malware_links: /^(?:_id|enriched\.(?:folded_names|software_ids|state))$/,
  kev: /^_id$/,
  versions: /^(?:_id|data\.\w+|enriched\.\w+)$/,
  etl_runs: /^(?:status|finished_at)$/,
};
const operators = /^\$(?:and|elemMatch|eq|exists|gt|gte|in|lt|lte|ne|or)$/;

const ofAttack = ["objects", "etl_runs"];
const ofLookup = [...ofAttack, "threatfox_raw", "malware_links", "kev"];
/** Which collections the paths below one may read. The first that fits counts. */
const readBelow: readonly (readonly [path: RegExp, collections: readonly string[]])[] = [
  [/^\/api\/v1\/lookup/, ofLookup],
  [/^\/api\/v1\/suggestions$/, [...ofAttack, "malware_links"]],
  [/^\/api\/v1\/(?:iocs|families)/, ["threatfox_raw", "etl_runs"]],
  [/^\/api\/v1\/vulnerabilities/, ["kev", "etl_runs"]],
  [/^\/api\/v1\/attack\/[^/]+\/layers\/(?:iocs|usage)$/, [...ofAttack, "threatfox_raw", "malware_links"]],
  [/^\/api\/v1\/attack\/[^/]+\/(?:layers\/)?changes$/, [...ofAttack, "versions", "collections"]],
  [/^\/api\/v1\/attack\//, ofAttack],
  [/^\/api\/v21\//, [...ofAttack, "collections"]],
  [/^\/threatfox\//, ["threatfox_raw", "etl_runs"]],
  [/^\/taxii2\/?$/, ["objects", "collections", "threatfox_raw"]],
  [/^\/api\/v1\//, ["etl_runs"]],
  [/^\//, []],
];

/** What a request reads. */
interface Asking {
  readonly url: string;
  readonly read: Set<string>;
}

type Filter = Readonly<Record<string, unknown>>;

/** Notes what each request reads, and refuses what nobody should ask the database. */
function observe(reader: StoreReader, asking: AsyncLocalStorage<Asking>): StoreReader {
  const check = (collection: string, filter: Filter) => {
    asking.getStore()?.read.add(collection);
    checkFilter(collection, filter);
  };
  return {
    find(collection, filter, options) {
      check(collection, filter);
      return reader.find(collection, filter, options);
    },
    count(collection, filter, options) {
      check(collection, filter);
      return reader.count(collection, filter, options);
    },
    exists(collection, filter) {
      check(collection, filter);
      return reader.exists(collection, filter);
    },
  };
}

/** @throws Error where a filter asks for what nobody should ask for */
function checkFilter(collection: string, filter: Filter): void {
  const fields = askedFields[collection];
  const clauses = Array.isArray(filter.$or) ? filter.$or : [filter];
  for (const clause of clauses) {
    const [first = ""] = Object.keys(clause);
    if (fields?.test(first) !== true) {
      throw new Error(`${collection} is asked for ${JSON.stringify(filter)}`);
    }
  }
  checkOperators(filter);
}

const prefix = /^\^(?:[\p{L}\p{N}]|\\\.)+$/u;

function checkOperators(part: unknown): void {
  if (Array.isArray(part)) {
    part.forEach(checkOperators);
  } else if (typeof part === "object" && part !== null && !(part instanceof Date)) {
    for (const [key, inner] of Object.entries(part)) {
      const isPermitted = key === "$regex" ? prefix.test(String(inner)) : operators.test(key);
      if (key.startsWith("$") && !isPermitted) {
        throw new Error(`${key} is asked for ${JSON.stringify(inner)}`);
      }
      checkOperators(inner);
    }
  }
}

export interface FuzzReport {
  /** How many answers have each status. */
  readonly tally: Readonly<Record<number, number>>;
  /** What the server logged as its own faults. */
  readonly faults: readonly unknown[];
  /** Requests that read collections which are no business of theirs. */
  readonly outside: readonly string[];
  /** The longest time of a processor that one answer took, in milliseconds. */
  readonly slowest: { readonly url: string; readonly ms: number };
}

/** How many requests are under way at a time. */
const atOnce = 4;
/** Answers that took longer than this together are asked for again one by one. */
const suspiciousMs = 800;

/**
 * Sends requests that nobody should send to all paths, the same in every run. Each answer must have a status and a form of the API or of
 * TAXII, and must be read by permitted filters.
 *
 * @param stored what requests ask for beside nonsense
 */
export async function sendFuzz(
  options: ServerOptions,
  stored: StoredValues,
  requests: number,
): Promise<FuzzReport> {
  const asking = new AsyncLocalStorage<Asking>();
  const faults: unknown[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (fault: unknown) => faults.push(fault) };
  const store = observe(options.store, asking);
  const app = createServerApp({ ...options, store, log, rate: { burst: 2 * requests, perSecond: 1 } });
  const outside: string[] = [];
  const tally: Record<number, number> = {};
  const send = async ({ url, init }: Prepared) => {
    const read = new Set<string>();
    const answer = await asking.run({ url, read }, async () => readAll(await app.request(url, init)));
    checkAnswer(answer, `${init.method} ${url}`, faults);
    const { pathname } = new URL(url);
    const [, permitted = []] = readBelow.find(([path]) => path.test(pathname)) ?? [];
    outside.push(
      ...[...read].filter((name) => !permitted.includes(name)).map((name) => `${name} for ${url}`),
    );
    return answer.status;
  };
  const description = await readAll(await app.request("http://localhost/api/v1/openapi.json"));
  const prepare = prepareRequests(JSON.parse(description.text), stored);
  let slowest = { url: "", ms: 0 };
  for (let asked = 0; asked < requests; asked += atOnce) {
    const wave = Array.from({ length: atOnce }, prepare);
    const together = await measure(() => Promise.all(wave.map(send)));
    for (const status of together.result) {
      tally[status] = (tally[status] ?? 0) + 1;
    }
    for (const each of together.ms > suspiciousMs ? wave : []) {
      const { ms } = await measure(() => send(each));
      slowest = ms > slowest.ms ? { url: each.url, ms } : slowest;
    }
  }
  return { tally, faults, outside, slowest };
}

interface Prepared {
  readonly url: string;
  readonly init: RequestInit;
}

function prepareRequests(openApi: unknown, stored: StoredValues): () => Prepared {
  const operations = Object.entries(document.parse(openApi).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path: `/api/v1${path}`, method, operation })),
  );
  const [first = expect.fail("the API has no paths"), ...others] = operations;
  const prepare = (): Prepared => {
    const kind = random();
    const asked =
      kind < 0.7 ? pick([first, ...others]) : pick([first, ...(kind < 0.9 ? taxiiPaths : otherPaths)]);
    const lines = () => Array.from({ length: Math.floor(random() * 10) }, () => value(stored)).join("\n");
    const headers = {
      accept: random() < 0.95 ? `${taxiiContentType}, */*` : value(stored).replaceAll(/[^ -~]/g, "?"),
      ...(random() < 0.05 && { "if-none-match": pick(["*", 'W/"a"', '"', "W/"]) }),
    };
    const body = asked.method === "post" ? { method: "POST", body: lines() } : { method: "GET" };
    return { url: urlOf(asked, stored), init: { headers, ...body } };
  };
  const known = new Set<string>();
  // What was asked before answers the same, and would be most of the work: few paths have no parameters, and their answers are the longest.
  const next = (): Prepared => {
    const request = prepare();
    const key = `${request.url} ${request.init.body}`;
    if (known.has(key)) {
      return next();
    }
    known.add(key);
    return request;
  };
  return next;
}

/** The time of all processors, also that of the embedded database, which has a thread of this process. */
async function measure<Result>(work: () => Promise<Result>): Promise<{ result: Result; ms: number }> {
  const start = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(start);
  return { result, ms: (user + system) / 1000 };
}

interface ReadAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

async function readAll(answer: Response): Promise<ReadAnswer> {
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
}

const taxiiError = z.looseObject({ title: z.string(), http_status: z.string() });

function checkAnswer({ status, type, text }: ReadAnswer, request: string, faults: readonly unknown[]): void {
  expect([200, 304, 400, 404, 406, 414], `${request}: ${text} ${inspect(faults.at(-1))}`).toContain(status);
  if (status >= 400) {
    expect(["application/problem+json", taxiiContentType]).toContain(type);
    (type === taxiiContentType ? taxiiError : problemJson).parse(JSON.parse(text));
  }
}
