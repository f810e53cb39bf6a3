import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunConnectorsOptions, Store } from "@cti-connectors/core/host";
import { readDatabase, storedIn } from "@cti-connectors/core/testing";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { type Sandbox, startSandbox, type ThreatfoxRecord } from "@cti-connectors/sandbox";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { exportedRecord, jsonExport, writeTemporary } from "../../src/testing/export-files.js";
import { runThreatfox, stopAfter } from "../../src/testing/run-threatfox.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = new Date("2026-03-01T00:00:00Z");

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "backfill-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An IOC a day before and after `start`, as ThreatFox tells it. */
function recordOfDay(day: number): ThreatfoxRecord {
  const firstSeen = new Date(start.getTime() + day * dayMs).toISOString();
  return {
    id: String(5_000 + day),
    ioc: `day${day}.example.com`,
    ioc_type: "domain",
    ioc_type_desc: "Domain that is used for botnet Command&control (C&C)",
    threat_type: "botnet_cc",
    threat_type_desc: "Indicator that identifies a botnet command&control server (C&C)",
    malware: "win.cobalt_strike",
    malware_malpedia: "https://malpedia.caad.fkie.fraunhofer.de/details/win.cobalt_strike",
    is_compromised: false,
    confidence_level: 75,
    first_seen: `${firstSeen.slice(0, 10)} ${firstSeen.slice(11, 19)} UTC`,
    last_seen: null,
    reporter: "abuse_ch",
    tags: null,
  };
}

describeOnServers("a backfill", (openDatabase) => {
  let store: Store;
  beforeEach(async () => {
    store = await openDatabase();
  });

  async function count(): Promise<number> {
    return store.database.collection("threatfox_raw").countDocuments();
  }

  describe("from a file", () => {
    const run = (file: string, options: Partial<RunConnectorsOptions> = {}) =>
      runThreatfox(store, { API_URL: "http://127.0.0.1:1/api/v1/", THREATFOX_BACKFILL: file }, options);

    test("needs no key and no network, tells the bytes, and leaves nothing to go on with", async () => {
      const file = writeTemporary(jsonExport(1_200));
      const { connector, events, lines } = await run(file);
      expect(connector).toMatchObject({ status: "ok", requests: 0, retries: 0 });
      expect(connector.steps).toMatchObject([{ name: "iocs", inserted: 1_200 }, {}, {}]);
      const bytes = events.flatMap((event) => (event.type === "page-loaded" ? (event.bytes ?? []) : []));
      expect(bytes.at(-1)).toEqual({ read: readFileSync(file).length, total: readFileSync(file).length });
      expect(lines.filter((line) => line.includes("THREATFOX_API_KEY is not set"))).toHaveLength(1);

      expect((await run(file)).connector.steps[0]).toMatchObject({ extracted: 1_200, unchanged: 1_200 });
    });

    test("that was stopped goes on behind what is stored", async () => {
      const file = writeTemporary(jsonExport(1_700));
      expect((await run(file, stopAfter(1))).connector).toMatchObject({
        status: "interrupted",
        steps: [{ extracted: 1_000 }],
      });
      const { connector, lines } = await run(file);
      expect(connector.steps[0]).toMatchObject({ extracted: 700, inserted: 700, unchanged: 0 });
      expect(lines.join()).toContain("resuming the export");
      expect(await count()).toBe(1_700);
    });

    test("that was stopped starts over for another collection", async () => {
      const file = writeTemporary(jsonExport(1_100));
      await run(file, stopAfter(1));
      const { connector } = await runThreatfox(store, {
        THREATFOX_BACKFILL: file,
        COLLECTION_NAME: "intel",
      });
      expect(connector.steps[0]).toMatchObject({ extracted: 1_100, inserted: 1_100 });
    });

    test("that is another one by now starts over", async () => {
      const file = writeTemporary(jsonExport(1_100));
      await run(file, stopAfter(1));
      const later = new Date(Date.now() + 5_000);
      utimesSync(file, later, later);
      expect((await run(file)).connector.steps[0]).toMatchObject({ extracted: 1_100, unchanged: 1_000 });

      await run(file, stopAfter(1));
      writeFileSync(file, jsonExport(1_200));
      utimesSync(file, later, later);
      expect((await run(file)).connector.steps[0]).toMatchObject({ extracted: 1_200, inserted: 100 });
    });

    test("that is cut off is stored as far as it goes, and the error names file and byte", async () => {
      const whole = jsonExport(700);
      const file = writeTemporary(whole.slice(0, -1_000));
      const { connector } = await run(file);
      expect(connector).toMatchObject({ status: "failed", steps: [{ rejected: 0 }, {}, {}] });
      expect(connector.reason).toBe(
        `iocs: ${file}: it ends in the middle of the JSON: it was cut off (at byte ${whole.length - 1_000} of ${whole.length - 1_000})`,
      );
      expect(await count()).toBe(connector.steps[0]?.inserted);
      expect(await count()).toBeGreaterThan(600);
    });

    test("keeps malformed records in quarantine, and loads the others", async () => {
      const odd = {
        "1": [exportedRecord(1)],
        "2": [{ ioc_type: "domain" }],
        x: ["text"],
        "": [exportedRecord(4)],
      };
      const { connector } = await run(writeTemporary(JSON.stringify(odd)));
      expect(connector).toMatchObject({
        status: "failed",
        reason: expect.stringMatching(/^iocs: 3 of 4 records were rejected/u),
        steps: [{ inserted: 1, rejected: 3 }, {}, {}],
      });
      const rejected = await storedIn(store, "etl_rejected");
      expect(rejected.map(({ raw }) => raw)).toContain('["x","text"]');
      expect(rejected.map(({ raw }) => raw)).toContain('{"ioc_type":"domain","ioc_id":"2"}');
    });

    test("says of a row of CSV that its fields are not those of the header", async () => {
      const header = '"ioc_id","ioc_value","ioc_type"\n';
      const row = '"1", "c2.example", "domain"\n';
      const odd = '"2", "c2.example", "domain", "new"\n';
      const { connector } = await run(writeTemporary(header + row + odd));
      expect(connector.steps).toMatchObject([{ inserted: 1, rejected: 1 }, {}, {}]);
      expect(await storedIn(store, "etl_rejected")).toMatchObject([
        {
          reason: expect.stringContaining("4 fields, the header names 3"),
          raw: '["2","c2.example","domain","new"]',
        },
      ]);
      const failed = await run(writeTemporary(header + odd));
      expect(failed.connector.reason).toMatch(
        /it contains no IOCs in 1 records \(4 fields, the header names 3\)/u,
      );
    });

    test.each<[string, string, RegExp]>([
      ["without records", "{}", /contains no IOCs: empty exports are refused/],
      ["of CSV without rows", '"ioc_id","ioc_value"\n', /contains no IOCs: empty exports are refused/],
      [
        "with another feed's records",
        JSON.stringify({ "1": [{ url: "http://a.example/" }] }),
        /is not an export of ThreatFox: it contains no IOCs in 1 records/,
      ],
    ])("%s fails", async (_name, content, reason) => {
      const file = writeTemporary(content);
      const { connector } = await run(file);
      expect(connector.status).toBe("failed");
      expect(connector.reason).toMatch(reason);
      expect((await run(file)).connector.reason).toMatch(reason);
    });

    test("with another feed's records is not put into quarantine to its end", async () => {
      const file = writeTemporary(jsonExport(3_000).replaceAll("ioc_value", "url").replaceAll("_utc", ""));
      const { connector } = await run(file);
      expect(connector).toMatchObject({
        status: "failed",
        steps: [{ inserted: 0, rejected: 1_000 }, {}, {}],
      });
    });

    test("may have IOCs without dates", async () => {
      const { first_seen_utc: _, ...undated } = exportedRecord(1);
      const { connector } = await run(writeTemporary(JSON.stringify({ "1": [undated] })));
      expect(connector).toMatchObject({ status: "ok", steps: [{ inserted: 1 }, {}, {}] });
    });

    test("writes nothing in a dry run", async () => {
      const { connector } = await run(writeTemporary(jsonExport(3)), { dryRun: true });
      expect(connector.steps[0]).toMatchObject({ inserted: 3 });
      expect(await count()).toBe(0);
    });
  });

  describe("from ThreatFox", () => {
    let now: Date;
    let sandbox: Sandbox;
    let downloads: string;
    let environment: Record<string, string>;
    beforeEach(async () => {
      now = start;
      sandbox = await startSandbox({
        attackFiles: [],
        threatfoxRecords: [recordOfDay(-30)],
        now: () => now,
      });
      downloads = temporaryFolder();
      environment = {
        API_URL: sandbox.threatfoxUrl,
        THREATFOX_RECENT_HOURS: "0",
        THREATFOX_API_KEY: sandbox.authKey,
        THREATFOX_EXPORT_URL: sandbox.threatfoxExportUrl,
        THREATFOX_DOWNLOAD_DIR: downloads,
      };
    });
    afterEach(() => sandbox.close());
    /** More than a page of them, all of yesterday. */
    const publishMany = () =>
      sandbox.publish(
        Array.from({ length: 1_100 }, (_, index) => ({
          ...recordOfDay(-1),
          id: String(10_000 + index),
          ioc: `c${index}.example`,
        })),
      );

    const run = (more: Readonly<Record<string, string>> = {}, options: Partial<RunConnectorsOptions> = {}) =>
      runThreatfox(store, { ...environment, ...more }, { now: () => now, ...options });
    const exportsAsked = () => sandbox.requests.filter(({ method }) => method === "GET").length;
    const daysAsked = () =>
      sandbox.requests.flatMap(({ body }) => /"get_iocs","days":(\d)/.exec(body ?? "")?.[1] ?? []);

    test("is followed by the usual query, and the download is gone", async () => {
      publishMany();
      const { connector } = await run({ THREATFOX_BACKFILL: sandbox.threatfoxExportUrl });
      expect(connector.steps[0]).toMatchObject({ extracted: 2_201, inserted: 1_101, unchanged: 1_100 });
      expect(exportsAsked()).toBe(1);
      expect(daysAsked()).toEqual(["3"]);
      expect(readdirSync(downloads)).toEqual([]);
    });

    test("a collection that nothing was loaded into is asked for as in the first run", async () => {
      await run();
      now = new Date(now.getTime() + hourMs);
      await run();
      await run({ COLLECTION_NAME: "intel" });
      await run({ COLLECTION_NAME: "intel" });
      expect(daysAsked()).toEqual(["3", "1", "3", "1"]);
    });

    test("that was stopped goes on with what was downloaded, for a day", async () => {
      publishMany();
      const asked = { THREATFOX_BACKFILL: sandbox.threatfoxExportUrl };
      await run(asked, stopAfter(1));
      expect(readdirSync(downloads)).toHaveLength(1);
      now = new Date(now.getTime() + 2 * hourMs);
      expect((await run(asked)).connector.steps[0]).toMatchObject({ inserted: 101 });
      expect(exportsAsked()).toBe(1);
      expect(readdirSync(downloads)).toEqual([]);
    });

    test.each<[string, (folder: string) => void]>([
      ["is too old", () => (now = new Date(now.getTime() + 2 * dayMs))],
      ["is gone", (folder) => rmSync(folder, { recursive: true })],
    ])(
      "downloads again where what it has %s, and goes on where that is the same file",
      async (_name, spoil) => {
        publishMany();
        const asked = { THREATFOX_BACKFILL: sandbox.threatfoxExportUrl };
        await run(asked, stopAfter(1));
        spoil(downloads);
        const { connector } = await run(asked);
        expect(exportsAsked()).toBe(2);
        expect(connector.steps[0]).toMatchObject({ inserted: 101 });
        expect(await count()).toBe(1_101);
      },
    );

    test("is downloaded to the folder for files of the run where no other is set", async () => {
      publishMany();
      const filesFolder = join(temporaryFolder(), "files");
      const { THREATFOX_DOWNLOAD_DIR: _, ...others } = environment;
      const asked = { ...others, THREATFOX_BACKFILL: sandbox.threatfoxExportUrl };
      await runThreatfox(store, asked, { ...stopAfter(1), filesFolder, now: () => now });
      expect(readdirSync(join(filesFolder, "downloads"))).toHaveLength(1);
      const { connector } = await runThreatfox(store, asked, { filesFolder, now: () => now });
      expect(connector.steps[0]).toMatchObject({ inserted: 101 });
      expect(exportsAsked()).toBe(1);
      expect(readdirSync(join(filesFolder, "downloads"))).toEqual([]);
    });

    test("sends the key where ThreatFox wants it, and shows it nowhere", async () => {
      publishMany();
      const url = new URL("/files/exports/full.json.zip", sandbox.threatfoxUrl).href;
      const { connector, lines } = await run({ THREATFOX_BACKFILL: url });
      expect(connector).toMatchObject({ status: "ok", steps: [{ inserted: 1_101 }, {}, {}] });
      expect(lines.join()).not.toContain(sandbox.authKey);

      const refused = await run({ THREATFOX_BACKFILL: url, THREATFOX_API_KEY: "another-key-of-a-test" });
      expect(refused.connector.status).toBe("failed");
      expect(refused.connector.reason).toMatch(/\/files\/exports\/full\.json\.zip.*THREATFOX_API_KEY/);
      const told = [
        ...refused.lines,
        JSON.stringify(refused.connector),
        JSON.stringify(await readDatabase(store)),
      ].join();
      expect(told).not.toContain("another-key-of-a-test");
      expect(told).not.toContain(sandbox.authKey);
    });

    test("of another origin does not get the key", async () => {
      const other = await startSandbox({
        attackFiles: [],
        threatfoxRecords: [recordOfDay(-1)],
        now: () => now,
      });
      onTestFinished(() => other.close());
      await run({ THREATFOX_BACKFILL: other.threatfoxExportUrl });
      await run({ THREATFOX_BACKFILL: new URL("/files/exports/full.json.zip", other.threatfoxUrl).href });
      expect(other.requests).toHaveLength(2);
      expect(JSON.stringify(other.requests)).not.toContain(sandbox.authKey);
    });

    test("that does not answer is not blamed on the address of the API", async () => {
      const { connector } = await run({ THREATFOX_BACKFILL: "http://127.0.0.1:1/full.json.zip" });
      expect(connector.status).toBe("failed");
      expect(connector.reason).toMatch(/^iocs: No answer from 127\.0\.0\.1:1/);
      expect(connector.reason).not.toContain("API_URL");
    });

    describe("where nobody asked for longer than the API reaches back", () => {
      beforeEach(async () => {
        expect((await run()).connector.status).toBe("ok");
        for (let day = 1; day <= 20; day += 1) {
          sandbox.publish([recordOfDay(day)]);
        }
        now = new Date(start.getTime() + 20 * dayMs);
      });
      const refuse = () =>
        sandbox.addFault({ upstream: "threatfox", path: "/export/", answer: { kind: "html", status: 404 } });
      const missing = async () => {
        const stored = new Set((await storedIn(store, "threatfox_raw")).map(({ _id }) => _id));
        return Array.from({ length: 20 }, (_, day) => day + 1).filter(
          (day) => !stored.has(String(5_000 + day)),
        );
      };

      test("says so with both dates, and fills the gap", async () => {
        const { connector, lines } = await run();
        expect(connector.status).toBe("ok");
        const gaps = lines.filter((line) => line.includes("may be missing"));
        expect(gaps).toEqual([
          expect.stringContaining("2026-03-01T00:00:00.000Z to 2026-03-14T00:00:00.000Z"),
        ]);
        expect(gaps[0]).toContain('"level":"warn"');
        expect(await missing()).toEqual([]);
      });

      test("and the export does not come: stores what it can, fails, and tries again until it came", async () => {
        refuse();
        const { connector } = await run();
        expect(connector.status).toBe("failed");
        expect(connector.reason).toMatch(/2026-03-01T00:00:00\.000Z to 2026-03-14.*404.*--backfill FILE/);
        expect(await missing()).toEqual(Array.from({ length: 12 }, (_, day) => day + 1));
        now = new Date(now.getTime() + hourMs);
        refuse();
        expect((await run()).connector.status).toBe("failed");
        now = new Date(now.getTime() + hourMs);
        expect((await run()).connector.status).toBe("ok");
        expect(await missing()).toEqual([]);
        const asked = exportsAsked();
        expect((await run()).connector.status).toBe("ok");
        expect(exportsAsked()).toBe(asked);
      });

      test.each<[string, RegExp]>([
        ["{}", /contains no IOCs: empty exports are refused/],
        ["[]", /contains no IOCs: empty exports are refused/],
        ['{"error":"Unauthorized"}', /it is JSON, but not an export of ThreatFox/],
      ])("a full export of %s fills nothing, asked for or not", async (body, reason) => {
        const answer = { kind: "status", status: 200, body } as const;
        sandbox.addFault({ upstream: "threatfox", path: "/export/", times: 2, answer });
        const asked = await run({ THREATFOX_BACKFILL: sandbox.threatfoxExportUrl });
        expect(asked.connector.status).toBe("failed");
        expect(asked.connector.reason).toMatch(reason);
        now = new Date(now.getTime() + hourMs);
        expect((await run()).connector.status).toBe("failed");
        expect((await run()).connector.status).toBe("ok");
        expect(await missing()).toEqual([]);
      });

      test("an empty export fills nothing, whatever was loaded of another before", async () => {
        const reachesBehindGap = jsonExport(1_200).replace("2026-01-02", "2026-03-20");
        await run({ THREATFOX_BACKFILL: writeTemporary(reachesBehindGap) }, stopAfter(1));
        const asked = await run({ THREATFOX_BACKFILL: writeTemporary("{}") });
        expect(asked.connector.reason).toMatch(/contains no IOCs: empty exports are refused/);
        expect((await run()).connector.status).toBe("ok");
        expect(await missing()).toEqual([]);
      });

      test.each<[string, string]>([
        ["older", "2026-02-27"],
        ["newer", "2026-03-15"],
      ])(
        "a full export of which all is %s than the gap fills nothing, asked for or not",
        async (_name, date) => {
          const body = jsonExport(3).replaceAll("2026-01-02", date);
          const answer = { kind: "status", status: 200, body } as const;
          sandbox.addFault({ upstream: "threatfox", path: "/export/", times: 3, answer });
          const asked = await run({ THREATFOX_BACKFILL: sandbox.threatfoxExportUrl });
          expect(asked.lines.join()).toContain("the export does not cover everything that may be missing");
          expect(asked.connector.reason).toMatch(
            `has only IOCs first seen from ${date}T03:04:05.000Z to ${date}T03:04:05.000Z`,
          );
          now = new Date(now.getTime() + hourMs);
          const { connector } = await run();
          expect(connector.status).toBe("failed");
          expect(connector.reason).toMatch(/2026-03-01T00:00:00\.000Z to 2026-03-14/);
          expect(await missing()).toEqual(Array.from({ length: 12 }, (_, day) => day + 1));
          expect(readdirSync(downloads)).toEqual([]);
          expect((await run()).connector.status).toBe("ok");
          expect(await missing()).toEqual([]);
        },
      );

      test("a full export that was made before the gap's end leaves it open, and what it holds is stored", async () => {
        const body = jsonExport(3).replaceAll("2026-01-02", "2026-03-10");
        const answer = { kind: "status", status: 200, body } as const;
        sandbox.addFault({ upstream: "threatfox", path: "/export/", answer });
        const { connector } = await run();
        expect(connector).toMatchObject({ status: "failed", steps: [{ rejected: 0 }, {}, {}] });
        expect(connector.reason).toMatch(
          /2026-03-01T00:00:00\.000Z to 2026-03-14.* has only IOCs first seen from 2026-03-10/,
        );
        expect(readdirSync(downloads)).toEqual([]);
        now = new Date(now.getTime() + hourMs);
        expect((await run()).connector.status).toBe("ok");
        expect(await missing()).toEqual([]);
        expect(exportsAsked()).toBe(2);
      });

      test("a damaged download is not taken again", async () => {
        publishMany();
        sandbox.addFault({
          upstream: "threatfox",
          path: "/export/",
          answer: { kind: "status", status: 200, body: jsonExport(1_200).slice(0, -5_000) },
        });
        expect((await run()).connector.reason).toMatch(/it was cut off/);
        expect(readdirSync(downloads)).toEqual([]);
        now = new Date(now.getTime() + hourMs);
        expect((await run()).connector.status).toBe("ok");
        expect(await missing()).toEqual([]);
      });

      test("a full export from elsewhere fills it, a part of one does not", async () => {
        const recent = await fetch(new URL("/export/json/recent/", sandbox.threatfoxUrl));
        const part = writeTemporary(await recent.text());
        refuse();
        const first = await run({ THREATFOX_BACKFILL: part });
        expect(first.connector.status).toBe("failed");
        expect(first.lines.join()).toContain("the export does not cover everything that may be missing");

        const full = await fetch(sandbox.threatfoxExportUrl);
        const whole = writeTemporary(new Uint8Array(await full.arrayBuffer()));
        const asked = exportsAsked();
        const neverRefreshed = { THREATFOX_REFRESH_DAYS: "0" };
        const second = await run({ ...neverRefreshed, THREATFOX_BACKFILL: whole });
        expect(second.connector.status).toBe("ok");
        expect((await run(neverRefreshed)).connector.status).toBe("ok");
        expect(exportsAsked()).toBe(asked);
        expect(await missing()).toEqual([]);
      });

      test("checkpoints that are forgotten forget no gap: the full export comes, a day later where it cannot be had", async () => {
        await runThreatfox(store, { THREATFOX_BACKFILL: writeTemporary(jsonExport(1)) }, { now: () => now });
        sandbox.addFault({
          upstream: "threatfox",
          path: "/export/",
          answer: { kind: "html", status: 404 },
        });
        expect((await run({}, { full: true })).connector.status).toBe("ok");
        expect(await missing()).not.toEqual([]);
        now = new Date(now.getTime() + hourMs);
        await run();
        expect(await missing()).not.toEqual([]);
        now = new Date(now.getTime() + dayMs);
        await run();
        expect(await missing()).toEqual([]);

        rmSync(downloads, { recursive: true });
        const asked = exportsAsked();
        await run({}, { full: true });
        expect(exportsAsked()).toBe(asked + 1);
        await run({ THREATFOX_BACKFILL: sandbox.threatfoxExportUrl }, { full: true });
        expect(exportsAsked()).toBe(asked + 2);
      });

      test("a query that fails behind the export leaves the gap open, and the download for the next run", async () => {
        sandbox.addFault({ upstream: "threatfox", path: "/api/", answer: { kind: "html", status: 500 } });
        expect((await run()).connector.status).toBe("failed");
        const asked = exportsAsked();
        now = new Date(now.getTime() + hourMs);
        expect((await run()).connector).toMatchObject({ status: "ok" });
        expect(exportsAsked()).toBe(asked);
        expect(readdirSync(downloads)).toEqual([]);
        expect(await missing()).toEqual([]);
      });
    });

    test("a clock that went back is told, and all that can be asked is asked", async () => {
      await run();
      now = new Date(start.getTime() - 3 * dayMs);
      const { connector, lines } = await run();
      expect(connector.status).toBe("ok");
      expect(daysAsked()).toEqual(["3", "7"]);
      expect(lines.filter((line) => line.includes("a clock is or was wrong"))).toHaveLength(1);
    });
  });
});
