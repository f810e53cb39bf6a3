import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded, describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import * as pivot from "../../src/index.js";
import { attackObject, relationship } from "../../src/testing/attack-objects.js";
import { loadObjects } from "../../src/testing/load-attack.js";

const many = Array.from({ length: 100 }, (_, index) => index);

/** A hundred of everything, and of each the first has something to do with all techniques. */
function buildAttack(): readonly object[] {
  const source = attackObject("x-mitre-data-source", "DS1");
  const component = attackObject("x-mitre-data-component", "DC1", { x_mitre_data_source_ref: source.id });
  const techniques = many.map((index) =>
    attackObject("attack-pattern", `T${1000 + index}`, {
      kill_chain_phases: [
        { kill_chain_name: "mitre-attack", phase_name: index < 5 ? "execution" : "impact" },
      ],
      x_mitre_platforms: [index < 5 ? "Windows" : "Linux"],
    }),
  );
  const subTechnique = attackObject("attack-pattern", "T1000.001", { x_mitre_is_subtechnique: true });
  const revoked = attackObject("attack-pattern", "T9999", { revoked: true });
  const [first = revoked] = techniques;
  const groups = many.map((index) => attackObject("intrusion-set", `G${index}`));
  const software = many.map((index) => attackObject("malware", `S${index}`));
  const campaign = attackObject("campaign", "C0");
  const mitigation = attackObject("course-of-action", "M0");
  const asset = attackObject("x-mitre-asset", "A0");
  const strategies = many.map((index) =>
    attackObject("x-mitre-detection-strategy", `DET${index}`, {
      x_mitre_analytic_refs: [`x-mitre-analytic--AN${index}`],
    }),
  );
  const analytics = many.map((index) =>
    attackObject("x-mitre-analytic", `AN${index}`, {
      x_mitre_log_source_references:
        index < 5 ? [{ x_mitre_data_component_ref: component.id, name: "log", channel: "1" }] : [],
    }),
  );
  const relate = (type: string, sources: readonly { id: string }[], targets: readonly { id: string }[]) =>
    sources.flatMap((source) => targets.map((target) => relationship(type, source.id, target.id)));
  return [
    ...[source, component, subTechnique, revoked, campaign, mitigation, asset],
    ...[...techniques, ...groups, ...software, ...strategies, ...analytics],
    ...relate("uses", groups.slice(0, 2), techniques),
    ...relate("uses", [campaign, ...software.slice(0, 5)], [first, subTechnique]),
    ...relate("uses", groups.slice(0, 1), software.slice(0, 5)),
    ...relate("attributed-to", [campaign], groups.slice(0, 1)),
    ...relate("mitigates", [mitigation], techniques.slice(0, 5)),
    ...relate("targets", techniques.slice(5, 10), [asset]),
    ...relate("subtechnique-of", [subTechnique], [first]),
    ...relate("revoked-by", [revoked], [first]),
    ...strategies.flatMap((strategy, index) =>
      relate("detects", [strategy], techniques.slice(index, index + 1)),
    ),
  ];
}

interface Question {
  readonly name: string;
  readonly ask: (view: pivot.AttackView) => Promise<unknown>;
  /** How many documents the answer takes. */
  readonly documents: number;
  readonly reads: number;
  /** If a release takes others. */
  readonly ofRelease?: Pick<Question, "documents" | "reads">;
}

const questions: readonly Question[] = [
  {
    name: "findDomainReleases",
    ask: ({ store }) => pivot.findDomainReleases(store, "enterprise-attack"),
    documents: 1,
    reads: 1,
  },
  { name: "findObjects", ask: (view) => pivot.findObjects(view, "G0"), documents: 1, reads: 1 },
  {
    name: "findObjectsByName",
    ask: (view) => pivot.findObjectsByName(view, "Name of G7"),
    documents: 1,
    reads: 1,
  },
  { name: "findTechniquesOf", ask: (view) => pivot.findTechniquesOf(view, "G1"), documents: 201, reads: 3 },
  {
    name: "findTechniquesOf, with campaigns and software",
    ask: (view) => pivot.findTechniquesOf(view, "G0", { campaigns: true, software: true }),
    documents: 333,
    reads: 7,
  },
  { name: "findSoftwareOf", ask: (view) => pivot.findSoftwareOf(view, "G0"), documents: 111, reads: 3 },
  { name: "findCampaignsOf", ask: (view) => pivot.findCampaignsOf(view, "G0"), documents: 3, reads: 3 },
  { name: "findGroupsOf", ask: (view) => pivot.findGroupsOf(view, "C0"), documents: 3, reads: 3 },
  { name: "findUsersOf", ask: (view) => pivot.findUsersOf(view, "T1007"), documents: 5, reads: 3 },
  {
    name: "findProcedureExamples",
    ask: (view) => pivot.findProcedureExamples(view, "T1000", { subTechniques: true }),
    documents: 25,
    reads: 5,
  },
  {
    name: "findMitigationsOf",
    ask: (view) => pivot.findMitigationsOf(view, "T1001"),
    documents: 3,
    reads: 3,
  },
  {
    name: "findTechniquesMitigatedBy",
    ask: (view) => pivot.findTechniquesMitigatedBy(view, "M0"),
    documents: 11,
    reads: 3,
  },
  { name: "findDetectionsOf", ask: (view) => pivot.findDetectionsOf(view, "T1001"), documents: 5, reads: 5 },
  { name: "findAnalyticsOf", ask: (view) => pivot.findAnalyticsOf(view, "DET3"), documents: 3, reads: 3 },
  { name: "findStrategiesOf", ask: (view) => pivot.findStrategiesOf(view, "AN3"), documents: 2, reads: 2 },
  {
    name: "findDataComponentsOf",
    ask: (view) => pivot.findDataComponentsOf(view, "DS1"),
    documents: 2,
    reads: 2,
  },
  { name: "findDataSourcesOf", ask: (view) => pivot.findDataSourcesOf(view, "DC1"), documents: 2, reads: 2 },
  {
    name: "findTechniquesDetectedBy",
    ask: (view) => pivot.findTechniquesDetectedBy(view, "DET7"),
    documents: 3,
    reads: 3,
  },
  { name: "findAssetsOf", ask: (view) => pivot.findAssetsOf(view, "T1007"), documents: 3, reads: 3 },
  {
    name: "findTechniquesTargeting",
    ask: (view) => pivot.findTechniquesTargeting(view, "A0"),
    documents: 11,
    reads: 3,
  },
  {
    name: "findTechniquesByDataComponent",
    ask: (view) => pivot.findTechniquesByDataComponent(view, "DC1"),
    documents: 22,
    reads: 7,
    ofRelease: { documents: 27, reads: 8 },
  },
  {
    name: "findTechniquesByTactic",
    ask: (view) => pivot.findTechniquesByTactic(view, "execution"),
    documents: 5,
    reads: 2,
  },
  {
    name: "findTechniquesByPlatform",
    ask: (view) => pivot.findTechniquesByPlatform(view, "Windows"),
    documents: 5,
    reads: 1,
  },
  {
    name: "findSubTechniquesOf",
    ask: (view) => pivot.findSubTechniquesOf(view, "T1000"),
    documents: 3,
    reads: 3,
  },
  { name: "findTactics", ask: (view) => pivot.findTactics(view), documents: 0, reads: 1 },
  { name: "findParentOf", ask: (view) => pivot.findParentOf(view, "T1000.001"), documents: 3, reads: 3 },
  { name: "followRevoked", ask: (view) => pivot.followRevoked(view, "T9999"), documents: 3, reads: 3 },
];
/** Those read other collections, or are made of questions asked here. */
const others: ReadonlySet<string> = new Set([
  "findLayerSubjects",
  "findLinks",
  "findNewFamilies",
  "findTechniquesFor",
  "findUsageDomain",
  "findVulnerabilities",
]);
const functions = Object.keys(pivot).filter((name) => /^(?:find|follow)/.test(name) && !others.has(name));

type Filter = Readonly<Record<string, unknown>>;

/** The filters that a question sends to the server. */
async function watchFilters({ database }: Store, ask: () => Promise<unknown>): Promise<readonly Filter[]> {
  const filters: Filter[] = [];
  const started = (event: { readonly commandName: string; readonly command: Filter }) => {
    if (event.commandName === "find") {
      filters.push(z.record(z.string(), z.unknown()).parse(event.command.filter));
    }
  };
  database.client.on("commandStarted", started);
  onTestFinished(() => {
    database.client.off("commandStarted", started);
  });
  await ask();
  database.client.off("commandStarted", started);
  return filters;
}

const views = [{}, { domain: "enterprise-attack" }, { release: "18.1" }] as const;
const statistics = z.object({ executionStats: z.object({ totalDocsExamined: z.number() }) });

describeOnEmbedded("the library", (openDatabase) => {
  test("reads what it needs and little more, in few reads", async () => {
    const store = await openDatabase();
    await loadObjects(store, buildAttack(), { releases: "all" });
    for (const choice of views) {
      const view = { store: store.reader, ...choice };
      for (const { name, ask, ofRelease, ...current } of questions) {
        const { documents, reads } = "release" in choice && ofRelease !== undefined ? ofRelease : current;
        const filters = await watchFilters(store, () => ask(view));
        let examined = 0;
        for (const filter of filters) {
          const plan = await store.database.collection("objects").find(filter).explain("executionStats");
          examined += statistics.parse(plan).executionStats.totalDocsExamined;
          expect(JSON.stringify(plan)).not.toContain("COLLSCAN");
        }
        expect
          .soft({ name, choice, reads: filters.length, examined })
          .toEqual({ name, choice, reads, examined: documents });
      }
    }
  });

  test("asks each question about ATT&CK", () => {
    const asked = new Set(questions.map(({ name }) => name.split(",")[0]));
    expect([...asked].sort()).toEqual(functions.sort());
  });
});

describeOnServers("the library", (openDatabase) => {
  test("finds by fields that have an index", async () => {
    const store = await openDatabase();
    await loadObjects(store, buildAttack(), { releases: "all" });
    const view = { store: store.reader };
    for (const { name, ask } of questions) {
      for (const filter of await watchFilters(store, () => ask(view))) {
        // SecantusDB, which stands in for MongoDB, uses an index only where a filter has one field.
        const [indexed = expect.fail("a filter without fields")] = Object.entries(filter);
        const plan = await store.database
          .collection("objects")
          .find(Object.fromEntries([indexed]))
          .explain();
        expect.soft(JSON.stringify(plan), `${name} by ${indexed[0]}`).toContain("IXSCAN");
      }
    }
  });
});
