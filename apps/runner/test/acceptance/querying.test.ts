import { createLogger, runConnectors, type Store } from "@cti-connectors/core/host";
import { describeOnEmbedded, describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { serveOnLoopback, startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test, vi } from "vitest";
import { entry, ioc } from "../../src/testing/changing-upstreams.js";
import { configureAll } from "../../src/testing/configure-all.js";
import { askAsDocumented, type Question } from "../../src/testing/documented-questions.js";

vi.setConfig({ testTimeout: 60_000 });

const dayMs = 86_400_000;
const daysFromNow = (days: number) => new Date(Date.now() + days * dayMs).toISOString();
const seen = (daysAgo: number) => ({ first_seen: daysFromNow(-daysAgo).slice(0, 19).replace("T", " ") });

const cobaltStrike = {
  malware: "win.cobalt_strike",
  malware_printable: "Cobalt Strike",
  malware_alias: "Agentemis,BEACON",
  tags: ["Cobalt-Strike"],
};
const iocs = [
  ioc(1, { ...cobaltStrike, ioc: "203.0.113.5:443" }),
  ioc(2, { ioc: "https://cdn.example.com/x", ioc_type: "url", reporter: "somebody" }),
  ioc(3, { ioc: "[2001:db8::5]:443", reporter: "somebody" }),
  // ThreatFox drops it half a year after it was seen: in one to four days.
  ioc(4, seen(180)),
];
const vulnerabilities = [
  { ...entry(1), cveID: "CVE-2021-44228", knownRansomwareCampaignUse: "Known" },
  { ...entry(2), dueDate: daysFromNow(3).slice(0, 10) },
];

async function load(store: Store): Promise<void> {
  const sandbox = await startSandbox({ attackFiles: [], threatfoxRecords: iocs });
  const catalogue = await serveOnLoopback(() =>
    Response.json({
      title: "CISA Catalog of Known Exploited Vulnerabilities",
      catalogVersion: "1",
      dateReleased: "2026-11-03T17:00:00.000Z",
      count: vulnerabilities.length,
      vulnerabilities,
    }),
  );
  onTestFinished(async () => {
    await Promise.all([sandbox.close(), catalogue.close()]);
  });
  const environment = {
    API_URL: sandbox.threatfoxUrl,
    THREATFOX_API_KEY: sandbox.authKey,
    THREATFOX_EXPORT_URL: sandbox.threatfoxExportUrl,
    THREATFOX_BACKFILL: sandbox.threatfoxExportUrl,
    KEV_URL: catalogue.url,
  };
  const { connectors } = await runConnectors({
    store,
    log: createLogger({ level: "silent" }),
    connectors: configureAll(environment).filter(({ name }) => name !== "mitre-taxii"),
  });
  expect(connectors.map(({ status, reason }) => reason ?? status)).toEqual(["ok", "ok"]);
}

function answerOf({ database }: Store, { collection, filter, sort, pipeline }: Question) {
  const things = database.collection(collection);
  return pipeline === undefined ? things.find(filter).sort(sort) : things.aggregate(pipeline);
}

const sections = [
  { heading: "ThreatFox", least: 11 },
  { heading: "CISA KEV", least: 3 },
];

const textOf = ({ collection, filter, pipeline }: Question) =>
  `${collection}: ${JSON.stringify(pipeline ?? filter)}`;

async function expectIndex(question: Question, store: Store): Promise<void> {
  const plan = JSON.stringify(await answerOf(store, question).explain("queryPlanner"));
  expect.soft(plan, textOf(question)).toMatch(/"(?:IXSCAN|IDHACK)"/);
  expect.soft(plan, textOf(question)).not.toContain("COLLSCAN");
}

describeOnServers("docs/querying.md", (openDatabase) => {
  test("asks what finds something", async () => {
    const store = await openDatabase();
    await load(store);
    for (const { heading, least } of sections) {
      const questions = await askAsDocumented(heading, store);
      expect(questions.length).toBeGreaterThanOrEqual(least);
      for (const question of questions) {
        expect.soft(await answerOf(store, question).toArray(), textOf(question)).not.toEqual([]);
      }
    }
  });

  test("finds the families of a name, with their IOCs", async () => {
    const store = await openDatabase();
    await load(store);
    const questions = await askAsDocumented("ThreatFox", store);
    const question = questions.find(({ pipeline }) => pipeline !== undefined);
    expect(await answerOf(store, question ?? expect.fail("there is no pipeline")).toArray()).toMatchObject([
      { _id: "win.cobalt_strike", iocs: [{ enriched: { indicator: { host: "203.0.113.5" } } }] },
    ]);
  });

  test("asks for IOCs by what is indexed", async () => {
    const store = await openDatabase();
    await load(store);
    for (const question of await askAsDocumented("ThreatFox", store)) {
      // SecantusDB, which stands in for MongoDB, uses an index only where a filter has one field.
      const { removed_at: _, ...filter } = question.filter;
      await expectIndex({ ...question, filter }, store);
    }
  });
});

describeOnEmbedded("docs/querying.md", (openDatabase) => {
  test("asks what an index answers", async () => {
    const store = await openDatabase();
    await load(store);
    for (const { heading } of sections) {
      for (const question of await askAsDocumented(heading, store)) {
        await expectIndex(question, store);
      }
    }
  });
});
