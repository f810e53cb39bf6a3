import {
  configureConnector,
  createLogger,
  parseConfig,
  type RunEvent,
  type RunReport,
  runConnectors,
  type Store,
} from "@cti-connectors/core/host";
import { readDatabase, storedIn } from "@cti-connectors/core/testing";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { type Sandbox, startSandbox } from "@cti-connectors/sandbox";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { threatfoxConfig } from "../../src/config/threatfox-config.js";
import { iocs } from "../../src/steps/iocs.js";
import { type ServedAnswer, serveAnswers } from "../../src/testing/serve-answers.js";
import { threatfox } from "../../src/threatfox.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const realRecords = realData("threatfox/get_iocs.json");

const key = "5ecret-key-of-the-pipeline-test";
const c2 = {
  id: "900001",
  ioc: "203.0.113.5:443",
  threat_type: "botnet_cc",
  ioc_type: "ip:port",
  malware: "win.cobalt_strike",
  malware_printable: "Cobalt Strike",
  confidence_level: 75,
  first_seen: "2026-01-02 03:04:05 UTC",
  last_seen: null,
  reporter: "abuse_ch",
  tags: ["CobaltStrike"],
};
const answerOk = (data: unknown): ServedAnswer => ({ body: JSON.stringify({ query_status: "ok", data }) });

describeOnServers("the pipeline", (openDatabase) => {
  let store: Store;
  let lines: string[];
  let events: RunEvent[];
  let reports: RunReport[];

  beforeEach(async () => {
    store = await openDatabase();
    [lines, events, reports] = [[], [], []];
  });
  async function run(environment: Record<string, string>) {
    const config = parseConfig(threatfoxConfig, environment);
    const report = await runConnectors({
      connectors: [configureConnector({ ...threatfox, steps: [iocs] }, config)],
      store,
      // Without knowing the key: whatever hides it is tested to do so by itself.
      log: createLogger({
        level: "debug",
        format: "json",
        destination: { write: (line) => lines.push(line) },
      }),
      onEvent: (event) => events.push(event),
      http: { retries: 0, timeoutMs: 20_000 },
    });
    reports.push(report);
    const [connector] = report.connectors;
    if (connector === undefined) {
      throw new Error("the report tells of no connector");
    }
    return connector;
  }

  const read = (collection: string) => storedIn(store, collection);

  /** Everything that a run leaves behind: the whole database, the log, the events and the reports. */
  async function everything(): Promise<string> {
    return JSON.stringify(await readDatabase(store)) + JSON.stringify([lines, events, reports]);
  }

  describe("from a server that plays ThreatFox", () => {
    let answer: ServedAnswer;
    let upstream: Awaited<ReturnType<typeof serveAnswers>>;

    beforeEach(async () => {
      upstream = await serveAnswers(() => answer);
    });
    afterEach(() => upstream.close());
    const environment = () => ({ API_URL: upstream.url, THREATFOX_API_KEY: key });

    test("a record becomes a document with the envelope, and again writes nothing", async () => {
      answer = answerOk([c2]);
      expect(await run(environment())).toMatchObject({
        status: "ok",
        requests: 1,
        steps: [{ name: "iocs", extracted: 1, inserted: 1, updated: 0, unchanged: 0, rejected: 0 }],
      });
      const [stored] = await read("threatfox_raw");
      expect(stored).toMatchObject({
        _id: "900001",
        data: c2,
        enriched: {
          indicator: { host: "203.0.113.5", port: 443, ip_version: 4 },
          first_seen: new Date("2026-01-02T03:04:05Z"),
        },
        ingested_at: expect.any(Date),
        first_ingested_at: expect.any(Date),
        run_id: reports[0]?.runId,
        content_hash: expect.any(String),
        removed_at: null,
      });

      // The same record with its fields in another order.
      answer = answerOk([Object.fromEntries(Object.entries(c2).reverse())]);
      expect(await run(environment())).toMatchObject({
        steps: [{ extracted: 1, inserted: 0, updated: 0, unchanged: 1 }],
      });
      expect(await read("threatfox_raw")).toEqual([stored]);
    });

    test("an id as a number and as a string is one document", async () => {
      answer = answerOk([c2]);
      await run(environment());
      answer = answerOk([{ ...c2, id: 900001 }]);
      await run(environment());
      expect(await read("threatfox_raw")).toHaveLength(1);
    });

    test("malformed records lie in quarantine with their raw text, the rest is stored", async () => {
      const malformed = [
        { ...c2, id: undefined, note: "no id" },
        { id: "1" },
        { id: "2", ioc: 7 },
        null,
        "text",
        [c2],
      ];
      answer = answerOk([...malformed, c2]);
      expect(await run(environment())).toMatchObject({
        status: "failed",
        steps: [{ extracted: 7, inserted: 1, rejected: 6 }],
      });
      expect((await read("threatfox_raw")).map(({ _id }) => _id)).toEqual(["900001"]);
      const rejected = await read("etl_rejected");
      expect(rejected.map(({ raw }) => raw).sort()).toEqual(
        malformed.map((raw) => JSON.stringify(raw)).sort(),
      );
      const reasonOf = (raw: unknown) => rejected.find((entry) => entry.raw === JSON.stringify(raw))?.reason;
      expect(reasonOf({ id: "1" })).toMatch(/ioc must be a string/u);
      expect(reasonOf(malformed[0])).toMatch(/id must be/u);
      expect(reasonOf(null)).toMatch(/must be a JSON object/u);
    });

    test("odd fields and operator-like names are stored as received", async () => {
      const odd = {
        ...c2,
        ioc: "$c2'.example\\",
        ioc_type: "brand_new_type",
        tags: ["$uncle", "a.b"],
        confidence_level: { $gt: 1 },
        first_seen: "0000-00-00 00:00:00",
        malware: "$malware",
        $set: { "a.b": "$$ROOT" },
        "dotted.name": null,
      };
      answer = answerOk([odd]);
      expect(await run(environment())).toMatchObject({ steps: [{ inserted: 1, rejected: 0 }] });
      const [stored] = await read("threatfox_raw");
      expect(stored).toMatchObject({
        enriched: {
          indicator: { type: "brand_new_type", value: odd.ioc },
          tags: odd.tags,
          confidence: null,
          first_seen: null,
          malware: "$malware",
          stix_pattern: null,
        },
      });
      expect(stored?.data).toEqual(odd);
      expect(await run(environment())).toMatchObject({ steps: [{ unchanged: 1 }] });
    });

    test("more than one page, with the total for the progress bar and the checkpoint at the end", async () => {
      answer = answerOk(
        Array.from({ length: 1500 }, (_, index) => ({ ...c2, id: String(index), ioc: `c${index}.example` })),
      );
      expect(await run({ ...environment(), QUERY_DAYS: "7" })).toMatchObject({
        steps: [{ extracted: 1500, inserted: 1500 }],
      });
      expect(events).toContainEqual(expect.objectContaining({ type: "page-loaded", total: 1500 }));
      expect(await everything()).toMatch(/queried_at[^}]+days\W+7/u);
    });

    test.each([
      ["IOCs of Cobalt Strike", { "enriched.malware_name": "Cobalt Strike" }],
      ["IOCs of win.cobalt_strike", { "enriched.malware": "win.cobalt_strike" }],
      ["is 203.0.113.5 known", { "enriched.indicator.host": "203.0.113.5" }],
      ["is 203.0.113.5:443 known", { "enriched.indicator.value": "203.0.113.5:443" }],
      ["tagged Cobalt Strike, however it is spelled", { "enriched.folded_tags": "cobaltstrike" }],
      [
        "in 203.0.113.0/24",
        { "enriched.indicator.address": { $gte: "203.000.113.000", $lte: "203.000.113.255" } },
      ],
      ["reported by abuse_ch", { "enriched.reporter": "abuse_ch" }],
      ["first seen since the new year", { "enriched.first_seen": { $gte: new Date("2026-01-01") } }],
      ["new or changed since yesterday", { ingested_at: { $gte: new Date(Date.now() - 86_400_000) } }],
      ["new or changed since yesterday", { ingested_at: { $gte: new Date(Date.now() - 86_400_000) } }],
    ])("%s: one query on an index", async (_question, filter) => {
      answer = answerOk([c2]);
      await run(environment());
      const found = store.database.collection("threatfox_raw").find(filter);
      expect(await found.clone().toArray()).toMatchObject([{ data: c2 }]);
      const plan = JSON.stringify((await found.explain("queryPlanner")).queryPlanner.winningPlan);
      expect(plan).toContain("IXSCAN");
      expect(plan).not.toContain("COLLSCAN");
    });

    test("what an older version stored gets the fields of this one, and keeps its history, though nothing is sent", async () => {
      answer = answerOk([c2, { ...c2, id: "900002", ioc: "www.c2.example", ioc_type: "domain" }]);
      await run(environment());
      answer = answerOk([{ ...c2, confidence_level: 100 }]);
      await run(environment());
      const before = await read("threatfox_raw");
      await store.database.collection("threatfox_raw").updateMany(
        {},
        {
          $unset: {
            "enriched.indicator.address": "",
            "enriched.indicator.reversed_domain": "",
            "enriched.folded_tags": "",
          },
          $set: { content_hash: "of an older version" },
        },
      );
      await store.database.collection<{ _id: string }>("etl_state").deleteOne({ _id: "shape/threatfox_raw" });

      answer = { body: '{"query_status":"no_result","data":null}' };
      expect(await run(environment())).toMatchObject({
        status: "ok",
        steps: [{ extracted: 0, inserted: 0, updated: 2, unchanged: 0 }],
      });
      const ofTheRun = { ingested_at: expect.any(Date), run_id: reports.at(-1)?.runId };
      expect(await read("threatfox_raw")).toEqual(before.map((document) => ({ ...document, ...ofTheRun })));
      expect(before).toMatchObject([
        {
          enriched: { indicator: { address: "203.000.113.005" } },
          history: [{ fields: ["confidence_level"] }],
        },
        { enriched: { indicator: { reversed_domain: "example.c2.www." }, folded_tags: ["cobaltstrike"] } },
      ]);
    });

    test("what cannot be kept as it came is told by its document, until it comes well", async () => {
      const sent = Buffer.from(
        '{"query_status":"ok","data":[{"id":"1","ioc":"a.example","ioc_type":"domain","n":12345678901234567890,"reporter":"J?rg"},' +
          '{"id":90071992547409931234,"ioc":"b.example","ioc_type":"domain"},{"id":"3","ioc":"c.example","ioc_type":"domain","n":1}]}',
      );
      sent[sent.indexOf("?")] = 0xf6;
      answer = { body: sent };
      expect(await run(environment())).toMatchObject({ steps: [{ inserted: 3, rejected: 0 }] });
      const number = "a number kept as text, because a number would lose digits";
      const [first, , long] = await read("threatfox_raw");
      expect(first).toMatchObject({
        data: { n: "12345678901234567890", reporter: "J\uFFFDrg" },
        altered: [`n: ${number}`, "reporter: invalid UTF-8 was replaced by U+FFFD"],
      });
      expect(long).toMatchObject({ _id: "90071992547409931234", altered: [`id: ${number}`] });
      expect((await read("threatfox_raw"))[1]).not.toHaveProperty("altered");

      answer = answerOk([{ id: "1", ioc: "a.example", ioc_type: "domain", n: 12, reporter: "Jörg" }]);
      expect(await run(environment())).toMatchObject({ steps: [{ updated: 1 }] });
      const [mended] = await read("threatfox_raw");
      expect(mended).toMatchObject({ data: { n: 12, reporter: "Jörg" } });
      expect(mended).not.toHaveProperty("altered");
    });

    test("an empty answer is a successful run", async () => {
      answer = { body: '{"query_status":"no_result","data":null}' };
      expect(await run(environment())).toMatchObject({ status: "ok", steps: [{ extracted: 0 }] });
    });

    test.each<[string, ServedAnswer, RegExp]>([
      [
        "a refusal",
        { body: `{"query_status":"unknown_auth_key","data":"${key}"}` },
        /THREATFOX_API_KEY.*auth\.abuse\.ch/u,
      ],
      ["a web page", { body: `<html>${key}</html>` }, /API_URL/u],
      ["an error that echoes the request", { status: 500, body: `Auth-Key: ${key}; ${key}` }, /500/u],
      [
        "a redirect to another origin",
        { status: 307, headers: { location: `https://evil.example/?k=${key}` } },
        /API_URL/u,
      ],
      ["illegal days", { body: '{"query_status":"illegal_days"}' }, /QUERY_DAYS/u],
    ])(
      "%s fails the connector with one line, stores nothing and shows no key",
      async (_name, bad, reason) => {
        answer = bad;
        const connector = await run(environment());
        expect(connector.status).toBe("failed");
        expect(connector.reason).toMatch(reason);
        expect(connector.reason).not.toMatch(/\n|\.ts:/u);
        expect(await read("threatfox_raw")).toEqual([]);
        expect(await everything()).not.toContain("queried_at");
        expect(await everything()).not.toContain(key);
      },
    );

    test("without network: one line, nothing recorded as done", async () => {
      const url = upstream.url;
      await upstream.close();
      const connector = await run({ API_URL: url, THREATFOX_API_KEY: key });
      upstream = await serveAnswers(() => answer);
      expect(connector.status).toBe("failed");
      expect(connector.reason).toMatch(/127\.0\.0\.1.*API_URL/u);
      expect(connector.reason).not.toMatch(/\n|\.ts:/u);
      expect(await everything()).not.toContain("queried_at");
    });

    test("without a key: skipped with one line, and nobody is asked", async () => {
      const connector = await run({ API_URL: upstream.url });
      expect(connector).toMatchObject({ status: "skipped", requests: 0, steps: [] });
      expect(connector.reason).toMatch(/https:\/\/auth\.abuse\.ch\//u);
      expect(upstream.requests).toHaveLength(0);
    });
  });

  describe("from the sandbox", () => {
    let sandbox: Sandbox;
    afterEach(() => sandbox.close());

    test("its own records", async () => {
      sandbox = await startSandbox({ attackFiles: [] });
      const environment = {
        API_URL: sandbox.threatfoxUrl,
        THREATFOX_API_KEY: sandbox.authKey,
        QUERY_DAYS: "7",
      };
      const first = await run(environment);
      expect(first).toMatchObject({ status: "ok", steps: [{ rejected: 0 }] });
      const documents = await read("threatfox_raw");
      expect(documents).toHaveLength(first.steps[0]?.inserted ?? 0);
      expect(documents.length).toBeGreaterThan(0);
      const second = await run(environment);
      expect(second.steps[0]).toMatchObject({ inserted: 0, updated: 0, rejected: 0 });
      // It asks for one day, which overlaps the query before.
      expect(second.steps[0]?.unchanged).toBeGreaterThan(0);
      expect(await everything()).not.toContain(sandbox.authKey);
    });

    test("a wrong key", async () => {
      sandbox = await startSandbox({ attackFiles: [] });
      const connector = await run({ API_URL: sandbox.threatfoxUrl, THREATFOX_API_KEY: key });
      expect(connector).toMatchObject({ status: "failed", requests: 1 });
      expect(connector.reason).toMatch(/unknown_auth_key.*THREATFOX_API_KEY/u);
      expect(await everything()).not.toContain(key);
    });

    test.skipIf(!hasRealData(realRecords))(nameRealData("the 24 real records", realRecords), async () => {
      sandbox = await startSandbox({ attackFiles: [], threatfoxFile: realRecords });
      const environment = { API_URL: sandbox.threatfoxUrl, THREATFOX_API_KEY: sandbox.authKey };
      expect(await run(environment)).toMatchObject({
        status: "ok",
        requests: 1,
        steps: [{ extracted: 24, inserted: 24, rejected: 0 }],
      });
      const iocs = store.database.collection("threatfox_raw");
      expect(await iocs.countDocuments({ "enriched.malware_name": "Cobalt Strike" })).toBe(7);
      expect(await iocs.countDocuments({ "enriched.indicator.host": "81.2.69.142" })).toBe(10);
      expect(await iocs.countDocuments({ "enriched.indicator.host": "50.17.77.39" })).toBe(1);
      expect(await iocs.countDocuments({ "enriched.tags": "CobaltStrike" })).toBe(7);
      expect(
        await iocs.countDocuments({ "enriched.first_seen": { $gte: new Date("2022-08-05T10:40:00Z") } }),
      ).toBe(6);
      expect(await iocs.countDocuments({ "enriched.stix_pattern": null })).toBe(0);
      expect(await run(environment)).toMatchObject({ steps: [{ inserted: 0, updated: 0, unchanged: 24 }] });
    });
  });
});
