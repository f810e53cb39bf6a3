import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { JsonObject } from "@cti-connectors/core";
import type { Store } from "@cti-connectors/core/host";
import { storedIn } from "@cti-connectors/core/testing";
import { describeOnEmbedded, describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { type Sandbox, startSandbox, type ThreatfoxRecord } from "@cti-connectors/sandbox";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { writeTemporary } from "../../src/testing/export-files.js";
import { runThreatfox } from "../../src/testing/run-threatfox.js";
import { serveAnswers } from "../../src/testing/serve-answers.js";
import { fullRecord as c2, writeCsvExport } from "../../src/testing/three-ways.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const realFile = realData("threatfox/get_iocs.json");
const realExport = realData("threatfox/export-recent-2026-07-24.json.gz");
/** What the API tells of the pairs of threat type and IOC type in the real export. */
const descriptions: Readonly<Record<string, string>> = {
  botnet_cc: "Indicator that identifies a botnet command&control server (C&C)",
  "botnet_cc ip:port": "ip:port combination that is used for botnet Command&control (C&C)",
  "botnet_cc domain": "Domain that is used for botnet Command&control (C&C)",
  "botnet_cc url": "URL that is used for botnet Command&control (C&C)",
  payload_delivery: "Indicator that identifies a malware distribution server (payload delivery)",
  "payload_delivery domain": "Domain name that delivers a malware payload",
  "payload_delivery url": "URL that delivers a malware payload",
  "payload_delivery ip:port": "ip:port combination that delivery a malware payload",
  payload: "Indicator that identifies a malware sample (payload)",
  "payload md5_hash": "MD5 hash of a malware sample (payload)",
  "payload sha1_hash": "SHA1 hash of a malware sample (payload)",
  "payload sha256_hash": "SHA256 hash of a malware sample (payload)",
  cc_skimming: "Indicator that identifies credit card skimming infrastructure (NOT phishing)",
  "cc_skimming domain": "Domain used for credit card skimming (usually related to Magecart attacks)",
};

/** The records of the real export as the API tells them. */
function readRealExport(): readonly JsonObject[] {
  const exported = z
    .record(z.string(), z.tuple([z.record(z.string(), z.json())]))
    .parse(JSON.parse(gunzipSync(readFileSync(realExport)).toString()));
  return Object.entries(exported).map(([id, [record]]) => {
    const { ioc_value, first_seen_utc, last_seen_utc, tags, anonymous: _, ...others } = record;
    return {
      id,
      ioc: ioc_value ?? null,
      ...others,
      threat_type_desc: descriptions[String(record.threat_type)] ?? "unknown",
      ioc_type_desc: descriptions[`${record.threat_type} ${record.ioc_type}`] ?? "unknown",
      malware_malpedia: `https://malpedia.caad.fkie.fraunhofer.de/details/${record.malware}`,
      first_seen: `${first_seen_utc} UTC`,
      last_seen: typeof last_seen_utc === "string" ? `${last_seen_utc} UTC` : null,
      tags: typeof tags === "string" ? tags.split(",") : null,
    };
  });
}

const answerSchema = z.object({
  data: z.array(
    z.looseObject({ id: z.string(), ioc: z.string(), ioc_type: z.string(), first_seen: z.string() }),
  ),
});

/** Records as the API tells them. */
const delivery = {
  ...c2,
  id: "1900002",
  ioc: 'http://[2001:db8::1]:8080/a"b, c\\?d=%22',
  threat_type: "payload_delivery",
  threat_type_desc: "Indicator that identifies a malware distribution server (payload delivery)",
  ioc_type: "url",
  ioc_type_desc: "URL that delivers a malware payload",
  malware: "unknown",
  malware_printable: "Unknown malware",
  malware_alias: null,
  malware_malpedia: "https://malpedia.caad.fkie.fraunhofer.de/details/unknown",
  confidence_level: 0,
  is_compromised: true,
  last_seen: null,
  reference: null,
  reporter: "anonymous",
  tags: null,
};
const domain = {
  ...delivery,
  id: "1900003",
  ioc: "xn--bcher-kva.example.",
  ioc_type: "domain",
  ioc_type_desc: "Domain name that delivers a malware payload",
};

const sets: readonly (readonly [string, () => readonly ThreatfoxRecord[], isMissing: boolean])[] = [
  ["records of today", () => [c2, delivery, domain], false],
  [
    nameRealData("the 24 real records", realFile),
    () =>
      answerSchema
        .parse(JSON.parse(readFileSync(realFile, "utf8")))
        // The API had no such field in 2022.
        .data.map((record) => ({ ...record, is_compromised: false })),
    !hasRealData(realFile),
  ],
];
const sources = ["API", "JSON export", "CSV export"] as const;

async function load(source: (typeof sources)[number], sandbox: Sandbox, store: Store) {
  const environment = {
    // Without the export, which a run by the API loads too once in a while.
    API: { THREATFOX_API_KEY: sandbox.authKey, QUERY_DAYS: "7", THREATFOX_REFRESH_DAYS: "0" },
    "JSON export": { THREATFOX_BACKFILL: sandbox.threatfoxExportUrl },
    "CSV export": { THREATFOX_BACKFILL: new URL("/export/csv/full/", sandbox.threatfoxUrl).href },
  }[source];
  const { connector } = await runThreatfox(store, { API_URL: sandbox.threatfoxUrl, ...environment });
  expect(connector, connector.reason).toMatchObject({ status: "ok" });
  return connector.steps[0];
}

describeOnServers("one IOC is one document", (openDatabase) => {
  test.for(sets)("by API, JSON export and CSV export: %s", async ([, read, isMissing], { skip }) => {
    skip(isMissing);
    const records = read();
    const newest = Math.max(...records.map(({ first_seen }) => Date.parse(first_seen)));
    const sandbox = await startSandbox({
      attackFiles: [],
      threatfoxRecords: records,
      now: () => new Date(newest + 1000),
    });
    onTestFinished(() => sandbox.close());

    const loaded = [];
    for (const source of sources) {
      const store = await openDatabase();
      expect(await load(source, sandbox, store)).toMatchObject({ inserted: records.length, rejected: 0 });
      const documents = await storedIn(store, "threatfox_raw");
      loaded.push(
        documents.map(({ _id, data, enriched, content_hash }) => ({ _id, data, enriched, content_hash })),
      );
    }
    const [fromApi, ...fromExports] = loaded;
    expect(new Map(fromApi?.map(({ _id, data }) => [_id, data]))).toEqual(
      new Map(records.map((record) => [record.id, record])),
    );
    expect(fromExports).toEqual([fromApi, fromApi]);

    for (const order of [sources, sources.toReversed()]) {
      const store = await openDatabase();
      const [first = "API", ...others] = order;
      await load(first, sandbox, store);
      const before = await storedIn(store, "threatfox_raw");
      for (const source of others) {
        expect(await load(source, sandbox, store)).toMatchObject({ updated: 0, unchanged: records.length });
      }
      expect(await storedIn(store, "threatfox_raw")).toEqual(before);
    }
  });

  test("an export that is read after the API keeps what only the API tells, and what changed goes into history", async () => {
    const later = {
      ...c2,
      comment: "Seen twice",
      threat_type_desc: "In other words",
      tags: ["Example Co., Ltd.", "a"],
    };
    const sandbox = await startSandbox({
      attackFiles: [],
      threatfoxRecords: [later],
      now: () => new Date("2026-03-10T23:00:00Z"),
    });
    onTestFinished(() => sandbox.close());
    const store = await openDatabase();
    await load("API", sandbox, store);
    for (const source of ["JSON export", "CSV export"] as const) {
      expect(await load(source, sandbox, store)).toMatchObject({ updated: 0, unchanged: 1 });
    }
    sandbox.publish([{ ...later, confidence_level: 100, last_seen: "2026-03-10 12:00:00 UTC" }]);
    expect(await load("CSV export", sandbox, store)).toMatchObject({ updated: 1 });
    expect(await load("JSON export", sandbox, store)).toMatchObject({ unchanged: 1 });
    expect(await load("API", sandbox, store)).toMatchObject({ unchanged: 1 });
    expect(await storedIn(store, "threatfox_raw")).toMatchObject([
      {
        data: { ...later, confidence_level: 100, last_seen: "2026-03-10 12:00:00 UTC" },
        enriched: { confidence: 100, expires_at: new Date("2026-09-10T12:00:00Z") },
        history: [
          {
            fields: ["confidence_level", "last_seen"],
            before: { confidence_level: 75, last_seen: "2026-03-10 09:00:00 UTC" },
          },
        ],
      },
    ]);
  });
});

describeOnEmbedded("one IOC of thousands is one document", (openDatabase) => {
  test.skipIf(!hasRealData(realExport))(
    `by API, JSON export and CSV export: ${nameRealData("the 4,488 records of the real export", realExport)}`,
    async () => {
      const records = readRealExport();
      expect(records).toHaveLength(4_488);
      const api = await serveAnswers(({ body }) => ({
        body: JSON.stringify(
          body.includes("get_iocs") ? { query_status: "ok", data: records } : { query_status: "no_result" },
        ),
      }));
      onTestFinished(() => api.close());
      const csv = writeTemporary(writeCsvExport(records));
      const ways = {
        api: { THREATFOX_API_KEY: "a-key-of-a-test-server", QUERY_DAYS: "7", THREATFOX_REFRESH_DAYS: "0" },
        json: { THREATFOX_BACKFILL: realExport },
        csv: { THREATFOX_BACKFILL: csv },
      };
      const loadBy = async (way: keyof typeof ways, store: Store) => {
        const { connector } = await runThreatfox(store, { API_URL: api.url, ...ways[way] });
        return connector.steps[0];
      };
      const loaded = [];
      for (const [first, ...others] of [["api", "json", "csv"], ["json", "csv", "api"], ["csv"]] as const) {
        const store = await openDatabase();
        expect(await loadBy(first, store)).toMatchObject({ inserted: records.length, rejected: 0 });
        for (const other of others) {
          expect(await loadBy(other, store)).toMatchObject({ inserted: 0, unchanged: records.length });
        }
        const documents = await storedIn(store, "threatfox_raw");
        loaded.push(
          documents.map(({ _id, data, enriched, content_hash }) => ({ _id, data, enriched, content_hash })),
        );
      }
      const [byApi, byJson, byCsv] = loaded;
      expect(byJson).toEqual(byApi);
      expect(byCsv).toEqual(byApi);
    },
  );
});
