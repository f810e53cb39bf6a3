import { createLogger } from "@cti-connectors/core/host";
import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { layerJson } from "../../src/answers/layer-json.js";
import { lookupJson } from "../../src/answers/lookup-json.js";
import { matrixJson, releasesJson } from "../../src/answers/matrix-json.js";
import { problemJson } from "../../src/answers/problem-json.js";
import { createServerApp } from "../../src/index.js";
import { useDemo } from "../../src/testing/use-demo.js";

const demo = useDemo();
let ask: (path: string) => Response | Promise<Response>;

beforeAll(() => {
  const collections = { iocs: "threatfox_raw", vulnerabilities: "kev" };
  const log = createLogger({ level: "silent" });
  const app = createServerApp({ store: demo.store.reader, collections, log });
  ask = (path) => app.request(`http://localhost/api/v1${path}`);
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
];

test.each(questions)("%s answers what its schema says", async (path, schema) => {
  const answer = await ask(path);
  const body = await answer.json();
  expect(answer.status, JSON.stringify(body)).toBe(200);
  // What the schema does not know would be missing.
  expect(schema.parse(body)).toEqual(body);
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
    const unasked = patterns.filter(({ matches }) => !asked.some((path) => matches.test(path)));
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
  ["/nosuch", 404, "openapi.json"],
])("%s is a problem, %i", async (path, status, words) => {
  const answer = await ask(path);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const problem = problemJson.parse(await answer.json());
  expect(problem).toMatchObject({ status, detail: expect.stringContaining(words) });
  expect(answer.status).toBe(status);
});
