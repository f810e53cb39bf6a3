import { existsSync, readFileSync } from "node:fs";
import type { Store } from "@cti-connectors/core";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { type Sandbox, startSandbox, type ThreatfoxRecord } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { readCollection, runThreatfox } from "./run-threatfox.testing.js";

const realFile = new URL("../../../../shared/data/threatfox/get_iocs.json", import.meta.url);
const answerSchema = z.object({
  data: z.array(
    z.looseObject({ id: z.string(), ioc: z.string(), ioc_type: z.string(), first_seen: z.string() }),
  ),
});

/** Records as the API tells them since `is_compromised` is there. */
const c2 = {
  id: "1900001",
  ioc: "203.0.113.5:443",
  threat_type: "botnet_cc",
  threat_type_desc: "Indicator that identifies a botnet command&control server (C&C)",
  ioc_type: "ip:port",
  ioc_type_desc: "ip:port combination that is used for botnet Command&control (C&C)",
  malware: "win.cobalt_strike",
  malware_printable: "Cobalt Strike",
  malware_alias: "Agentemis,BEACON",
  malware_malpedia: "https://malpedia.caad.fkie.fraunhofer.de/details/win.cobalt_strike",
  confidence_level: 75,
  is_compromised: false,
  first_seen: "2026-03-10 07:19:39 UTC",
  last_seen: "2026-03-10 09:00:00 UTC",
  reference: "https://report.example/?a=1,2&b=\"'",
  reporter: "abuse_ch",
  tags: ["CobaltStrike", "日本語", "Example Ltd."],
};
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

const sets: readonly (readonly [string, () => readonly ThreatfoxRecord[]])[] = [
  ["records of today", () => [c2, delivery, domain]],
  ...(existsSync(realFile)
    ? ([
        [
          "the 24 real records of ../shared/data",
          () => answerSchema.parse(JSON.parse(readFileSync(realFile, "utf8"))).data,
        ],
      ] as const)
    : []),
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
  test.each(sets)("by API, JSON export and CSV export: %s", async (_name, read) => {
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
      const documents = await readCollection(store, "threatfox_raw");
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
      const before = await readCollection(store, "threatfox_raw");
      for (const source of others) {
        expect(await load(source, sandbox, store)).toMatchObject({ updated: 0, unchanged: records.length });
      }
      expect(await readCollection(store, "threatfox_raw")).toEqual(before);
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
    expect(await readCollection(store, "threatfox_raw")).toMatchObject([
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
