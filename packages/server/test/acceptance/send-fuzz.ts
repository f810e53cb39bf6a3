import { env } from "node:process";
import type { StoreReader } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { problemJson } from "../../src/answers/problem-json.js";
import { createServerApp } from "../../src/index.js";
import { useDemo } from "../../src/testing/use-demo.js";

/** By hand, with SERVER_FUZZ_REQUESTS=10000 on a quiet machine, the time of each answer is looked at, too. */
const requests = Number(env.SERVER_FUZZ_REQUESTS || 300);
const isLongRun = requests >= 10_000;
const slowestMs = 2_000;

const demo = useDemo();

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

const hostile = [
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
  "0.0.0.0/0",
  "::/0",
  "10.0.0.0/8",
  "com",
] as const;

const sensible = [
  ...["enterprise-attack", "ics-attack", "mobile-attack", "17.1", "18.1", "1", "7", "30", "200", "1d", "90d"],
  ...["technique", "software", "group", "malware", "type", "true", "false", "url", "domain", "ip:port"],
  ...["T1059", "T1059.001", "G0016", "S0154", "TA0002", "C0024", "M1038", "DC0032", "cobalt strike"],
  ...[
    "win.cobalt_strike",
    "cdn.beacon.example.com",
    "192.0.2.17",
    "CVE-2026-9900012",
    "execution",
    "Windows",
  ],
  ...["techniques", "groups", "users", "detections", "procedures", "parent", "tactics", "successor"],
  "attack-pattern--970a3432-3237-47ad-bcca-7d8cbb217736",
  "MTc5NTg2MDAwMDAwMCAx",
] as const;

function value(): string {
  return random() < 0.4 ? pick(hostile) : pick(["technique", ...sensible]);
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

/** A value of a parameter: mostly one that fits, where its schema lists some. */
function fitting({ schema }: Operation["parameters"][number]): string {
  const [first, ...others] = schema.enum ?? [];
  return first !== undefined && random() < 0.8 ? pick([first, ...others]) : value();
}

function urlOf(path: string, { parameters }: Operation): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => {
    const parameter = parameters.find((each) => each.name === name && each.in === "path");
    return encodeURIComponent(parameter === undefined ? value() : fitting(parameter));
  });
  const query = parameters
    .filter((each) => each.in === "query" && random() < 0.6)
    .flatMap((each) => Array.from({ length: random() < 0.1 ? 3 : 1 }, () => [each.name, fitting(each)]));
  const more = random() < 0.1 ? [[pick(["$where", "__proto__", "filter", "a[$ne]"]), value()]] : [];
  const text = [...query, ...more].map((pair) =>
    pair.map((part) => encodeURIComponent(part ?? "")).join("="),
  );
  return `http://localhost/api/v1${filled}?${text.join("&")}${random() < 0.05 ? "&%zz=%&&=" : ""}`;
}

/** What may be asked, and by which fields: each has an index, or the collection holds few documents. */
const askedFields: Readonly<Record<string, RegExp>> = {
  objects: /^(?:data\.objects\.id|data\.collection_id|enriched\.[\w.]+|_id)$/,
  threatfox_raw: /^enriched\.(?:indicator\.\w+|malware|folded_tags|first_seen)$/,
  malware_links: /^(?:_id|enriched\.(?:folded_names|software_ids|state))$/,
  kev: /^_id$/,
  versions: /^(?:_id|data\.\w+|enriched\.\w+)$/,
  etl_runs: /^(?:status|finished_at)$/,
};
const operators = /^\$(?:and|elemMatch|eq|exists|gt|gte|in|lt|lte|ne|or|regex)$/;

/** A reader that refuses what nobody should ask the database. */
function observe(reader: StoreReader): StoreReader {
  const check = (collection: string, filter: Readonly<Record<string, unknown>>) => {
    // The list of collections is one document.
    if (collection === "collections") {
      return;
    }
    const fields = askedFields[collection] ?? expect.fail(`${collection} is read`);
    const [clauses = filter] = Object.keys(filter)[0] === "$or" ? [filter.$or] : [];
    for (const clause of [clauses].flat()) {
      const [first = "nothing"] = Object.keys(z.record(z.string(), z.unknown()).parse(clause));
      expect(first, JSON.stringify(filter)).toMatch(fields);
    }
    checkOperators(filter);
  };
  return {
    find(collection, filter, options) {
      check(collection, filter);
      return reader.find(collection, filter, options);
    },
    count(collection, filter) {
      check(collection, filter);
      return reader.count(collection, filter);
    },
    exists(collection, filter) {
      check(collection, filter);
      return reader.exists(collection, filter);
    },
  };
}

function checkOperators(part: unknown): void {
  if (Array.isArray(part)) {
    part.forEach(checkOperators);
  } else if (typeof part === "object" && part !== null && !(part instanceof Date)) {
    for (const [key, inner] of Object.entries(part)) {
      if (key.startsWith("$")) {
        expect(key).toMatch(operators);
      }
      if (key === "$regex") {
        expect(inner).toMatch(/^\^(?:[\p{L}\p{N}]|\\\.)+$/u);
      }
      checkOperators(inner);
    }
  }
}

test(`${requests} hostile requests are answered or refused, and read nothing else`, {
  timeout: requests * 200,
}, async () => {
  const faults: unknown[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (fault: unknown) => faults.push(fault) };
  const app = createServerApp({
    ...demo.options,
    store: observe(demo.options.store),
    rate: { burst: requests, perSecond: 1 },
    log,
  });
  const answer = await app.request("http://localhost/api/v1/openapi.json");
  const operations = Object.entries(document.parse(await answer.json()).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const [first = expect.fail("the API has no paths"), ...others] = operations;
  const tally: Record<number, number> = {};
  for (let asked = 0; asked < requests - 1; asked += 1) {
    const { path, method, operation } = pick([first, ...others]);
    const url = urlOf(path, operation);
    const lines = Array.from({ length: Math.floor(random() * 20) }, value).join("\n");
    const init = method === "post" ? { method: "POST", body: lines } : {};
    const start = performance.now();
    const { status, headers, text } = await readAll(await app.request(url, init));
    const ms = performance.now() - start;
    tally[status] = (tally[status] ?? 0) + 1;
    expect([200, 400, 404, 414], `${method} ${url}: ${text} ${String(faults.at(-1))}`).toContain(status);
    if (status !== 200) {
      expect(headers.get("content-type")).toBe("application/problem+json");
      problemJson.parse(JSON.parse(text));
    }
    expect(isLongRun ? ms : 0, url).toBeLessThan(slowestMs);
  }
  expect(faults).toEqual([]);
  // Both kinds of requests are among them.
  expect(tally[200]).toBeGreaterThan(requests / 10);
  expect(tally[400]).toBeGreaterThan(requests / 10);
});

async function readAll(answer: Response) {
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}
