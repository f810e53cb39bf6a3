import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "@cti-connectors/core";
import { storedIn } from "@cti-connectors/core/testing";
import {
  type DatabaseSuite,
  describeOnEmbedded,
  describeOnServers,
} from "@cti-connectors/dev-kit/describe-on-servers";
import { startSandbox } from "@cti-connectors/sandbox";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { enrichIoc } from "../../src/record/enrich-ioc.js";
import { iocRecord } from "../../src/record/ioc-record.js";
import { reconcileIoc } from "../../src/record/reconcile-ioc.js";
import { toCsvExport, toJsonExport } from "../../src/testing/export-forms.js";
import { mutateRecords } from "../../src/testing/mutate-record.js";
import { runThreatfox } from "../../src/testing/run-threatfox.js";
import { serveAnswers } from "../../src/testing/serve-answers.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const count = 10_000;
const realFile = realData("threatfox/get_iocs.json");
const answerSchema = z.object({ data: z.array(z.record(z.string(), z.json())) });
const requestSchema = z.object({ query: z.string() });
const sources = `the built-in records and ${nameRealData("24 real ones", realFile)}`;
let records: readonly JsonObject[];

beforeAll(async () => {
  const sandbox = await startSandbox({ attackFiles: [] });
  const answer = await fetch(sandbox.threatfoxUrl, {
    method: "POST",
    headers: { "auth-key": sandbox.authKey },
    body: JSON.stringify({ query: "get_iocs", days: 7 }),
  });
  const real = hasRealData(realFile)
    ? answerSchema.parse(JSON.parse(readFileSync(realFile, "utf8"))).data
    : [];
  records = [...answerSchema.parse(await answer.json()).data, ...real];
  await sandbox.close();
});

/** As the driver reads it back: it makes an instance of its own of `{ "$ref": …, "$id": … }`. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const fields: unknown = "toJSON" in value && typeof value.toJSON === "function" ? value.toJSON() : value;
  return Object.fromEntries(Object.entries(fields ?? {}).map(([name, field]) => [name, plain(field)]));
}

function suiteOf(count: number): DatabaseSuite {
  return (openDatabase) => {
    test("are stored as received or in quarantine with their reason, and a second run changes nothing", async () => {
      const mutated = [
        ...mutateRecords(records, { id: "id", ioc: "ioc" }, { count: count - 2, seed: count }),
        {
          json: `{"id":"2999998","ioc":"c2.example","note":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
          isUnstorable: true,
        },
        {
          json: `{"id":"2999999","ioc":"c2.example","note":"${"x".repeat(17 * 1024 * 1024)}"}`,
          isUnstorable: true,
        },
      ];
      const unstorable = mutated.filter(({ isUnstorable }) => isUnstorable).length;
      const body = `{"query_status":"ok","data":[${mutated.map(({ json }) => json).join(",")}]}`;
      const upstream = await serveAnswers(({ body: request }) =>
        requestSchema.parse(JSON.parse(request)).query === "get_iocs"
          ? { body }
          : { body: '{"query_status":"no_result"}' },
      );
      onTestFinished(() => upstream.close());
      const environment = { API_URL: upstream.url, THREATFOX_API_KEY: "abcd" };
      const store = await openDatabase();

      const { connector } = await runThreatfox(store, environment);
      expect(connector, connector.reason).toMatchObject({ status: "ok" });
      expect(connector.steps[0]).toMatchObject({
        extracted: count,
        inserted: count - unstorable,
        updated: 0,
        unchanged: 0,
        rejected: unstorable,
      });

      const stored = await storedIn(store, "threatfox_raw");
      const rejected = await storedIn(store, "etl_rejected");
      const dataById = new Map(stored.map(({ _id, data }) => [_id, data]));
      const raws = new Set(rejected.map(({ raw }) => raw));
      const abridged = rejected.filter(({ raw }) => /"\[(?:Array|Object)\]"/u.test(String(raw)));
      const isInQuarantine = (json: string) => {
        const text = textOf(JSON.parse(json));
        const [firstField = ""] = json.slice(1).split(",", 1);
        return text === undefined
          ? abridged.some(({ raw }) => String(raw).includes(firstField))
          : raws.has(text.slice(0, 2_000_000));
      };
      const isStored = (json: string) => {
        const record = JSON.parse(json);
        return isDeepStrictEqual(plain(dataById.get(String(record.id))), record);
      };
      const lost = mutated.filter(({ json, isUnstorable }) =>
        isUnstorable ? !isInQuarantine(json) : !isStored(json),
      );
      expect(lost.map(({ json }) => json.slice(0, 500))).toEqual([]);
      expect(rejected.reduce((sum, { times }) => sum + Number(times), 0)).toBe(unstorable);
      for (const { reason } of rejected) {
        expect(reason).toMatch(
          /^(?:id|ioc).*(?:must be|is empty)|must be a JSON object|half a surrogate pair|nested (?:deeper|too deeply)|null character|more than the 16 MB/u,
        );
      }

      const again = await runThreatfox(store, environment);
      expect(again.connector.steps[0]).toMatchObject({
        extracted: count,
        inserted: 0,
        updated: 0,
        unchanged: count - unstorable,
        rejected: unstorable,
      });
      expect(isDeepStrictEqual(await storedIn(store, "threatfox_raw"), stored)).toBe(true);
      expect(await store.database.collection("etl_rejected").countDocuments()).toBe(rejected.length);
    }, 180_000);
  };
}

describeOnEmbedded(`${count} mutations of ${sources}`, suiteOf(count));
// An independent server takes minutes for as many.
describeOnServers(`2000 mutations of ${sources}`, suiteOf(2_000));

/** undefined where it is nested too deeply for JSON: core leaves out what lies deep, then. */
function textOf(record: unknown): string | undefined {
  try {
    return JSON.stringify(record);
  } catch {
    return undefined;
  }
}

test(`${count} mutations of exports, made of ${sources}, are read or refused with a reason, and reconciled with each other`, () => {
  const identity = { id: "ioc_id", ioc: "ioc_value" };
  const json = mutateRecords(records.map(toJsonExport), identity, { count: count / 2, seed: 2 });
  const csv = mutateRecords(records.map(toCsvExport), identity, { count: count / 2, seed: 3 });
  let before: unknown;
  for (const mutated of [...json, ...csv]) {
    const result = iocRecord.safeParse(JSON.parse(mutated.json));
    if (!result.success) {
      expect(mutated.isUnstorable, mutated.json.slice(0, 2_000)).toBe(true);
      expect(result.error.issues[0]?.message).toMatch(/must be|is empty/u);
      continue;
    }
    const { id, data, source } = result.data;
    if (mutated.isUnstorable) {
      continue;
    }
    expect(data.id).toBe(id);
    const document = { collection: "iocs", _id: id, data, enriched: enrichIoc(result.data), source };
    const { data: merged } = reconcileIoc(document, { data: before, enriched: {} });
    const again = reconcileIoc(document, { data: merged, enriched: {} }).data;
    expect(isDeepStrictEqual(again, merged), mutated.json.slice(0, 500)).toBe(true);
    before = data;
  }
});
