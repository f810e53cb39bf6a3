import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  attackAnswersJson,
  detectionsJson,
  objectsJson,
  proceduresJson,
  relatedJson,
} from "../../src/answers/attack-json.js";
import { changesJson } from "../../src/answers/changes-json.js";
import { dailyIocsJson, iocsJson, newFamiliesJson } from "../../src/answers/iocs-json.js";
import { layerJson } from "../../src/answers/layer-json.js";
import {
  lookupJson,
  shortAnswerJson,
  suggestionsJson,
  vulnerabilityJson,
} from "../../src/answers/lookup-json.js";
import { matrixJson, releasesJson } from "../../src/answers/matrix-json.js";
import { problemJson } from "../../src/answers/problem-json.js";
import { rejectedJson, statusJson } from "../../src/answers/status-json.js";
import { relationNames } from "../../src/api/find-related-by.js";
import { createServerApp } from "../../src/index.js";
import { useDemo } from "../../src/testing/use-demo.js";

const demo = useDemo();
let ask: (path: string, init?: RequestInit) => Response | Promise<Response>;

beforeAll(() => {
  const app = createServerApp(demo.options);
  ask = (path, init) => app.request(`http://localhost/api/v1${path}`, init);
});

/** Questions whose answers say something, for every path of the API. */
const questions: readonly (readonly [path: string, schema: z.ZodType])[] = [
  ["/attack/releases", releasesJson],
  ["/attack/enterprise-attack/matrix", matrixJson],
  ["/attack/ics-attack/matrix?release=17.1", matrixJson],
  ["/attack/enterprise-attack/layers/usage?subject=G0016&subject=win.cobalt_strike", layerJson],
  ["/attack/enterprise-attack/layers/groups", layerJson],
  ["/attack/enterprise-attack/layers/iocs?since=90d", layerJson],
  ["/attack/ics-attack/layers/changes", layerJson],
  ["/attack/ics-attack/layers/changes?from=17.1&to=18.1", layerJson],
  ["/lookup?term=cdn.beacon[.]example.com", lookupJson],
  ["/lookup?term=cobalt+strike&limit=3&domain=enterprise-attack", lookupJson],
  ["/lookup?term=nothing+of+this+name", lookupJson],
  ["/lookup?term=T0800&release=17.1", lookupJson],
  ["/suggestions?prefix=co", suggestionsJson],
  ["/attack/enterprise-attack/objects?type=technique&platform=Windows&limit=2", objectsJson],
  ["/attack/enterprise-attack/objects?type=software&after=S0154", objectsJson],
  ["/attack/ics-attack/objects?type=technique&tactic=execution&release=17.1", objectsJson],
  ["/attack/ics-attack/changes", changesJson],
  ["/attack/ics-attack/changes?from=17.1&to=18.1&fields=true", changesJson],
  ["/attack/objects/G0016", attackAnswersJson],
  ["/attack/objects/T1059.001?domain=enterprise-attack&release=18.1", attackAnswersJson],
  ["/attack/objects/T1059.001/detections", detectionsJson],
  ["/attack/objects/T1059/procedures?include_sub_techniques=true", proceduresJson],
  ...relationNames.map((relation) => [`/attack/objects/T1059.001/${relation}`, relatedJson] as const),
  ["/attack/objects/G0016/techniques", relatedJson],
  ["/iocs?limit=5", iocsJson],
  ["/iocs?malware=win.cobalt_strike&type=ip:port", iocsJson],
  ["/iocs/daily", dailyIocsJson],
  ["/iocs/daily?days=7&by=type", dailyIocsJson],
  ["/families?new_since=30d", newFamiliesJson],
  ["/vulnerabilities/cve-2026-9900012", vulnerabilityJson],
  ["/status", statusJson],
  ["/rejected?limit=3", rejectedJson],
];

test.each(questions)("%s answers what its schema says", async (path, schema) => {
  const answer = await ask(path);
  const body = await answer.json();
  expect(answer.status, JSON.stringify(body)).toBe(200);
  // What the schema does not know would be missing.
  expect(schema.parse(body)).toEqual(body);
});

test("a batch is answered line by line, in its order", async () => {
  const body = "T1059.001\r\n\ncdn.beacon[.]example.com\nnothing of this name\n";
  const answer = await ask("/lookup/batch", { method: "POST", body });
  expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
  const lines = (await answer.text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map((line) => shortAnswerJson.parse(line))).toEqual(lines);
  expect(lines).toMatchObject([
    { term: "T1059.001", found: true },
    { term: "", found: false },
    { term: "cdn.beacon[.]example.com", found: true, iocs: { total: 1 } },
    { term: "nothing of this name", found: false },
  ]);
  const long = await ask("/lookup/batch", { method: "POST", body: "a\n".repeat(10_001) });
  expect(long.status).toBe(413);
  expect(problemJson.parse(await long.json()).detail).toContain("10000");
});

const guide = readFileSync(fileURLToPath(new URL("../../../../docs/api.md", import.meta.url)), "utf8");
const [, commands = ""] = /```sh\n(.*?)```/s.exec(guide) ?? [];
const shown = [...commands.matchAll(/curl (.*?)'?(http:\/\/127\.0\.0\.1:8421\/[^\s']+)/g)].map(
  ([, options = "", url = ""]) => ({ options, url }),
);

test.each(shown)("$url, as docs/api.md shows it, is answered", async ({ options, url }) => {
  // What `printf` writes before a pipe.
  const [, body = ""] = /printf '(.*?)' \|/.exec(commands) ?? [];
  const init = options.includes("--data-binary")
    ? { method: "POST", body: body.replaceAll("\\n", "\n"), headers: { "content-type": "text/plain" } }
    : {};
  const answer = await createServerApp(demo.options).request(url, init);
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  expect(shown.length).toBeGreaterThan(10);
});

describe("a copy of an answer", () => {
  const etagOf = async (path: string) => (await ask(path)).headers.get("etag") ?? "";
  const recheck = async (path: string, etag: string) => {
    const answer = await ask(path, { headers: { "if-none-match": etag } });
    return [answer.status, answer.headers.get("etag"), await answer.text()];
  };

  test("is still valid while no run has changed the data", async () => {
    const path = "/attack/enterprise-attack/matrix";
    const etag = await etagOf(path);
    expect(etag).toMatch(/^W\/"/);
    expect(await recheck(path, `"other", ${etag}`)).toEqual([304, etag, ""]);
    expect((await recheck(path, '"other"'))[0]).toBe(200);
  });

  test("is of one address: no other answers that a copy of it is valid", async () => {
    const etag = await etagOf("/attack/enterprise-attack/matrix");
    expect((await recheck("/attack/ics-attack/matrix", etag))[0]).toBe(200);
    for (const [path, status] of [
      ["/attack/objects/G9999", 404],
      ["/attack/ics-attack/matrix?release=x", 400],
      ["/nosuch", 404],
    ] as const) {
      expect((await recheck(path, etag))[0]).toBe(status);
      expect((await recheck(path, "*"))[0]).toBe(status);
    }
    expect((await recheck("/attack/ics-attack/matrix", "*"))[0]).toBe(304);
  });

  test("is not valid after a run, and there is none while one goes on", async () => {
    const path = "/attack/releases";
    const etag = await etagOf(path);
    const runs = demo.store.database.collection<{ _id: string }>("etl_runs");
    await runs.insertOne({ _id: "later", ...{ status: "running", finished_at: null } });
    const during = await recheck(path, etag);
    await runs.updateOne({ _id: "later" }, { $set: { status: "ok", finished_at: new Date("2100-01-01") } });
    const after = await recheck(path, etag);
    await runs.deleteOne({ _id: "later" });
    expect(during.slice(0, 2)).toEqual([200, null]);
    expect(after).toEqual([200, expect.not.stringMatching(etag), expect.stringContaining("18.1")]);
    expect(after[1]).not.toBe(etag);
    expect(await recheck(path, etag)).toEqual([304, etag, ""]);
  });

  test("of the state of runs is never kept", async () => {
    const { headers } = await ask("/status");
    expect([headers.get("etag"), headers.get("cache-control")]).toEqual([null, "no-store"]);
  });
});

describe("the OpenAPI document", () => {
  const document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

  test("is valid", async () => {
    const answer = await ask("/openapi.json");
    const { valid, errors } = await new Validator().validate(z.looseObject({}).parse(await answer.json()));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  test("has the paths that are asked here, and no others", async () => {
    const { paths } = document.parse(await (await ask("/openapi.json")).json());
    const patterns = Object.keys(paths).map((path) => ({
      path,
      matches: new RegExp(`^${path.replaceAll(/\{.*?\}/g, "[^/]+")}$`),
    }));
    const asked = questions.map(([path]) => path.split("?")[0] ?? "");
    const unasked = patterns
      .filter(({ path }) => path !== "/lookup/batch")
      .filter(({ matches }) => !asked.some((path) => matches.test(path)));
    expect(unasked.map(({ path }) => path)).toEqual([]);
  });
});

test.each([
  ["/attack/nosuch/matrix", 404, "enterprise-attack"],
  ["/attack/ics-attack/matrix?relase=17.1", 400, "relase"],
  ["/attack/ics-attack/matrix?release=9.1", 404, "these are: 17.1, 18.1"],
  ["/attack/ics-attack/matrix?release=%24gt", 400, "such as 18.1"],
  ["/attack/mobile-attack/layers/changes", 404, "two stored releases"],
  ["/attack/enterprise-attack/layers/usage?subject=nosuch", 404, "nosuch"],
  ["/attack/enterprise-attack/layers/usage", 400, "subject"],
  ["/attack/enterprise-attack/layers/iocs?since=yesterday", 400, "such as 90s"],
  ["/lookup?term=a&limit=0", 400, "limit"],
  ["/lookup", 400, "term"],
  ["/attack/objects/G9999", 404, "G9999"],
  ["/attack/objects/G0016/friends", 404, "techniques"],
  ["/attack/objects/G0016?release=9.1", 404, "these are: "],
  ["/attack/ics-attack/objects?type=malware", 400, "software"],
  ["/attack/ics-attack/changes?from=9.1", 404, "9.1 is not stored"],
  ["/iocs?before=x", 400, "`next`"],
  ["/iocs/daily?days=91", 400, "days"],
  ["/families?new_since=91d", 400, "90d"],
  ["/vulnerabilities/CVE-2000-0001", 404, "CVE-2000-0001"],
  ["/vulnerabilities/nosuch", 404, "CVE-2024-3400"],
  ["/nosuch", 404, "openapi.json"],
])("%s is a problem, %i", async (path, status, words) => {
  const answer = await ask(path);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const problem = problemJson.parse(await answer.json());
  expect(problem).toMatchObject({ status, detail: expect.stringContaining(words) });
  expect(answer.status).toBe(status);
});
