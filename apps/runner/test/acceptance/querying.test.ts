import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  configureConnector,
  createLogger,
  parseConfig,
  runConnectors,
  type Store,
} from "@cti-connectors/core/host";
import { describeOnEmbedded, describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { malwareLinks } from "@cti-connectors/pivot";
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

/** A detection of PowerShell by data components, which the demo's data lacks. */
async function writeDetections(): Promise<string> {
  const at = "2025-01-01T00:00:00.000Z";
  const object = (type: string, attackId: string, more: object) => ({
    ...{ type, id: `${type}--${attackId}`, spec_version: "2.1", created: at, modified: at, name: attackId },
    external_references: [{ source_name: "mitre-attack", external_id: attackId }],
    ...more,
  });
  const relationship = (target: string) => ({
    ...object("relationship", target, { relationship_type: "detects", external_references: [] }),
    ...{ source_ref: "x-mitre-detection-strategy--DET0455", target_ref: `attack-pattern--${target}` },
  });
  const collection = { name: "Detections", x_mitre_version: "1.0", x_mitre_contents: [] };
  const objects = [
    { ...object("x-mitre-collection", "1", {}), ...collection },
    ...["T1059", "T1059.001"].flatMap((id) => [object("attack-pattern", id, {}), relationship(id)]),
    object("x-mitre-data-component", "DC0032", { name: "Process Creation" }),
    object("x-mitre-analytic", "AN1252", {
      x_mitre_log_source_references: [{ x_mitre_data_component_ref: "x-mitre-data-component--DC0032" }],
    }),
    object("x-mitre-detection-strategy", "DET0455", { x_mitre_analytic_refs: ["x-mitre-analytic--AN1252"] }),
  ];
  const folder = await mkdtemp(join(tmpdir(), "querying-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "detections.json");
  await writeFile(file, JSON.stringify({ type: "bundle", id: "bundle--1", objects }));
  return file;
}

async function load(store: Store): Promise<void> {
  const sandbox = await startSandbox({ threatfoxRecords: iocs });
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
  const attack = { MITRE_TAXII_URL: sandbox.taxiiUrl };
  const detections = { ...attack, MITRE_BUNDLES: await writeDetections() };
  const log = createLogger({ level: "silent" });
  const configured = configureAll({ ...environment, ...attack });
  const { connectors } = await runConnectors({ store, log, connectors: configured });
  expect(connectors.map(({ status, reason }) => reason ?? status)).toEqual(["ok", "ok", "ok", "ok"]);
  const fromBundle = configureAll({ ...environment, ...detections }).filter(
    ({ name }) => name === "mitre-taxii",
  );
  const links = configureConnector(malwareLinks, parseConfig(malwareLinks.config, environment));
  const { status } = await runConnectors({ store, log, connectors: [...fromBundle, links] });
  expect(status).toBe("ok");
}

function answerOf({ database, host }: Store, { collection, filter, sort, pipeline }: Question) {
  const things = database.collection(collection);
  const isEmbedded = process.env.TEST_MONGO_URI?.includes(host) !== true;
  return pipeline === undefined
    ? things.find(isEmbedded ? filter : spellExpressions(filter)).sort(sort)
    : things.aggregate(pipeline);
}

/** SecantusDB finds nothing in an index by a regular expression that is not written as a text. */
function spellExpressions(filter: Question["filter"]): Question["filter"] {
  return Object.fromEntries(
    Object.entries(filter).map(([field, value]) => [
      field,
      value instanceof RegExp ? { $regex: value.source } : value,
    ]),
  );
}

const sections = [
  { heading: "ATT&CK", least: 14 },
  { heading: "ThreatFox", least: 11 },
  { heading: "CISA KEV", least: 3 },
  { heading: "Malware families and ATT&CK", least: 4 },
];

const textOf = ({ collection, filter, pipeline }: Question) =>
  `${collection}: ${JSON.stringify(pipeline ?? filter)}`;

async function expectIndex(question: Question, store: Store): Promise<void> {
  const plan = JSON.stringify(await answerOf(store, question).explain("queryPlanner"));
  expect.soft(plan, textOf(question)).toMatch(/"(?:IXSCAN|IDHACK)"/);
  expect.soft(plan, textOf(question)).not.toContain("COLLSCAN");
  for (const { $lookup } of question.pipeline ?? []) {
    if ($lookup !== undefined) {
      const { from, foreignField, pipeline } = $lookup;
      const filter = { [foreignField]: { $in: ["one of them"] }, ...pipeline?.[0]?.$match };
      await expectIndex({ collection: from, filter, sort: {} }, store);
    }
  }
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

  test("finds what ATT&CK says of a group, a technique and a revoked one", async () => {
    const store = await openDatabase();
    await load(store);
    const questions = await askAsDocumented("ATT&CK", store);
    const answers = async (part: string) => {
      const found = questions.filter((question) => textOf(question).includes(part));
      const documents = await Promise.all(found.map((question) => answerOf(store, question).toArray()));
      return documents.map((some) => some.map(({ enriched }) => enriched));
    };
    type Found = Awaited<ReturnType<typeof answers>>[number];
    const ends = (found: Found = [], end = "target") =>
      found.map((enriched) => enriched[end].attack_id).sort();
    const [techniques, software, detections] = await answers('"G0007"');
    expect(ends(techniques)).toEqual([
      "T1003",
      "T1003.001",
      "T1059.001",
      "T1059.003",
      "T1071.001",
      "T1566.001",
    ]);
    expect(ends(software)).toEqual(["S0002"]);
    expect(ends(detections)).toEqual(ends(techniques));
    const [mitigations, detected] = await answers('"enriched.target.attack_id":"T1059"');
    expect(ends(mitigations, "source")).toEqual(["M1038", "M1042"]);
    expect(detected).toMatchObject([
      { data_components: [{ attack_id: "DC0032", name: "Process Creation" }] },
    ]);
    expect(ends((await answers('"T1086"'))[0])).toEqual(["T1059.001"]);
    expect((await answers("noblebaron"))[0]).toMatchObject([{ attack_id: "G0016", name: "APT29" }]);
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
