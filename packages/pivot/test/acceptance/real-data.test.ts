import { openStore, type Store } from "@cti-connectors/core/host";
import { runInTest } from "@cti-connectors/core/testing";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { findDetectionsInShort } from "../../src/attack/find-detections.js";
import {
  type AttackView,
  createChangesLayer,
  createUsageLayer,
  findAnalyticsOf,
  findAssetsOf,
  findCampaignsOf,
  findDataComponentsOf,
  findDetectionsOf,
  findGroupsOf,
  findLayerSubjects,
  findMitigationsOf,
  findObjectsByName,
  findParentOf,
  findSoftwareOf,
  findStrategiesOf,
  findSubTechniquesOf,
  findTechniquesByDataComponent,
  findTechniquesByPlatform,
  findTechniquesByTactic,
  findTechniquesDetectedBy,
  findTechniquesMitigatedBy,
  findTechniquesOf,
  findTechniquesTargeting,
  findUsersOf,
  followRevoked,
  lookUp,
  lookUpMany,
  malwareLinks,
  type RelatedObject,
} from "../../src/index.js";
import { layerFormat } from "../../src/testing/layer-format.js";
import { loadBundles } from "../../src/testing/load-attack.js";
import { loadIocs, readIocs, toExportEntry } from "../../src/testing/load-iocs.js";
import { loadLayers, mitrePython } from "../../src/testing/load-layers.js";
import { inOrder, shortenAnswer } from "../../src/testing/shorten-answer.js";
import {
  analyticsOf,
  type Bundle,
  componentsIn,
  componentsOf,
  countUsers,
  findModifiedTechniques,
  isConnected,
  readBundle,
  strategiesOf,
  techniquesWhere,
  walkFrom,
  walkTo,
} from "./bundle-answers.js";

// It reads real data, on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const path = "attack/enterprise-attack-18.1.json.gz";

const iocsPath = "threatfox/get_iocs.json";
/** Some IOCs have expired by then. */
const now = new Date("2023-01-01");

const technique = ["attack-pattern"];
const software = ["malware", "tool"];
const group = ["intrusion-set"];
const campaign = ["campaign"];
const strategy = ["x-mitre-detection-strategy"];
const component = ["x-mitre-data-component"];
const asset = ["x-mitre-asset"];
const users = [...group, ...campaign, ...software];

/** STIX ids, in order. */
type Ids = readonly string[];

interface Question {
  readonly name: string;
  /** It is asked for every object of these types, revoked and deprecated ones included. */
  readonly of: readonly string[];
  readonly ask: (view: AttackView, ids: string | Ids) => Promise<readonly RelatedObject[]>;
  readonly walk: (bundle: Bundle, id: string) => Ids;
}

/** Their answers say in their relationships which subject they belong to: all are asked together. */
const direct: readonly (Question & { readonly subject: "source" | "target" })[] = [
  {
    name: "techniques of groups, campaigns and software",
    of: users,
    subject: "source",
    ask: findTechniquesOf,
    walk: (bundle, id) => walkFrom(bundle, [id], "uses", technique),
  },
  {
    name: "software of groups and campaigns",
    of: [...group, ...campaign],
    subject: "source",
    ask: findSoftwareOf,
    walk: (bundle, id) => walkFrom(bundle, [id], "uses", software),
  },
  {
    name: "users of techniques and software",
    of: [...technique, ...software],
    subject: "target",
    ask: findUsersOf,
    walk: (bundle, id) => walkTo(bundle, [id], "uses", users),
  },
  {
    name: "campaigns of groups",
    of: group,
    subject: "target",
    ask: findCampaignsOf,
    walk: (bundle, id) => walkTo(bundle, [id], "attributed-to", campaign),
  },
  {
    name: "groups of campaigns",
    of: campaign,
    subject: "source",
    ask: findGroupsOf,
    walk: (bundle, id) => walkFrom(bundle, [id], "attributed-to", group),
  },
  {
    name: "mitigations of techniques",
    of: technique,
    subject: "target",
    ask: findMitigationsOf,
    walk: (bundle, id) => walkTo(bundle, [id], "mitigates", ["course-of-action"]),
  },
  {
    name: "techniques of mitigations",
    of: ["course-of-action"],
    subject: "source",
    ask: findTechniquesMitigatedBy,
    walk: (bundle, id) => walkFrom(bundle, [id], "mitigates", technique),
  },
  {
    name: "techniques of detection strategies",
    of: strategy,
    subject: "source",
    ask: findTechniquesDetectedBy,
    walk: (bundle, id) => walkFrom(bundle, [id], "detects", technique),
  },
  {
    name: "assets of techniques",
    of: technique,
    subject: "source",
    ask: findAssetsOf,
    walk: (bundle, id) => walkFrom(bundle, [id], "targets", asset),
  },
  {
    name: "techniques of assets",
    of: asset,
    subject: "target",
    ask: findTechniquesTargeting,
    walk: (bundle, id) => walkTo(bundle, [id], "targets", technique),
  },
];

const composed: readonly Question[] = [
  {
    name: "techniques of groups with those of their campaigns and software",
    of: group,
    ask: (view, id) => findTechniquesOf(view, id, { campaigns: true, software: true }),
    walk: (bundle, id) => {
      const actors = [id, ...walkTo(bundle, [id], "attributed-to", campaign)];
      return walkFrom(bundle, [...actors, ...walkFrom(bundle, actors, "uses", software)], "uses", technique);
    },
  },
  {
    name: "software of groups with that of their campaigns",
    of: group,
    ask: (view, id) => findSoftwareOf(view, id, { campaigns: true }),
    walk: (bundle, id) =>
      walkFrom(bundle, [id, ...walkTo(bundle, [id], "attributed-to", campaign)], "uses", software),
  },
  {
    name: "users of techniques with those of their sub-techniques",
    of: technique,
    ask: (view, id) => findUsersOf(view, id, { subTechniques: true }),
    walk: (bundle, id) =>
      walkTo(bundle, [id, ...walkTo(bundle, [id], "subtechnique-of", technique)], "uses", users),
  },
];

describe.skipIf(!hasRealData(path))(`on ${nameRealData("the whole of Enterprise ATT&CK 18.1", path)}`, () => {
  let database: Database;
  let view: AttackView;
  let bundle: Bundle;
  beforeAll(async () => {
    database = await openDatabase();
    bundle = await readBundle(realData(path));
    await loadBundles(database.store, [realData(path)]);
    view = { store: database.store.reader };
  }, 120_000);
  afterAll(() => database.close());

  describe.skipIf(!hasRealData(iocsPath))(`with ${nameRealData("the IOCs of get_iocs", iocsPath)}`, () => {
    let iocs: Awaited<ReturnType<typeof readIocs>>;

    beforeAll(async () => {
      iocs = await readIocs(realData(iocsPath));
      await loadIocs(database.store, iocs.map(toExportEntry));
      await runInTest({ connector: malwareLinks, environment: {}, store: database.store });
    });

    test("looks up every IOC and 200 names together, and every third alone", async () => {
      const named = bundle.objects.filter(({ type, name }) => type !== "relationship" && name !== undefined);
      const names = everyNth(named, Math.floor(named.length / 200)).slice(0, 200);
      const terms = [...iocs.map(({ ioc }) => ioc), ...names.flatMap(({ name = "" }) => name)];
      const place = { store: database.store.reader };
      let at = 0;
      for await (const short of lookUpMany(place, terms, { subdomains: true, now })) {
        const object = names[at - iocs.length];
        if (object === undefined) {
          expect(short.iocs.total, terms[at]).toBeGreaterThan(0);
        } else {
          expect(short.attack.map(({ id }) => id)).toContain(object.id);
        }
        // One at a time, an answer reads all that belongs to it.
        if (at % 3 === 0) {
          const answer = await lookUp(place, terms[at] ?? "", { now });
          expect(inOrder(short), terms[at]).toEqual(shortenAnswer(answer));
        }
        at += 1;
      }
      expect(at).toBe(iocs.length + 200);
    });

    test("leads from an IOC of Cobalt Strike to S0154, its techniques and its groups", async () => {
      const [id = ""] = idsOf(bundle, software).filter(
        (one) => bundle.byId.get(one)?.name === "Cobalt Strike",
      );
      // The addresses in the answer are all the same one.
      const isUrl = (ioc: (typeof iocs)[number]) =>
        ioc.malware === "win.cobalt_strike" && ioc.ioc_type === "url";
      for (const term of [iocs.find(isUrl)?.ioc ?? "", "Cobalt Strike", "win.cobalt_strike", "s0154"]) {
        const { attack } = await lookUp({ store: database.store.reader }, term);
        expect(attack.map(({ object }) => object.attack_id)).toEqual(["S0154"]);
        const idsIn = (list: "techniques" | "groups") => attack[0]?.[list].map((one) => one.id).sort();
        expect(idsIn("techniques")).toEqual(walkFrom(bundle, [id], "uses", technique));
        expect(idsIn("groups")).toEqual(walkTo(bundle, [id], "uses", group));
        expect(idsIn("groups")?.length).toBeGreaterThan(10);
      }
    });
  });

  // The releases of ICS below are asked for every subject.
  test.each(direct)("answers for every third as a walk does: $name", async ({ of, subject, ask, walk }) => {
    const ids = everyNth(idsOf(bundle, of), 3);
    const related = await ask(view, ids);
    const answers = groupBySubject(related, subject);
    expect(answers).toEqual(walkAll(ids, (id) => walk(bundle, id)));
    for (const id of everyNth(ids, 20)) {
      expect(sortedIds(await ask(view, id))).toEqual(answers[id] ?? []);
    }
  });

  test.each(composed)("answers for every tenth as a walk does: $name", async ({ of, ask, walk }) => {
    for (const id of everyNth(idsOf(bundle, of), 10)) {
      expect(sortedIds(await ask(view, id))).toEqual(walk(bundle, id));
    }
  });

  test("answers as a walk over the bundle does: detections of techniques", async () => {
    const ids = idsOf(bundle, technique);
    const { strategies, data_components } = await findDetectionsOf(view, ids);
    expect(groupBySubject(strategies, "target")).toEqual(
      walkAll(ids, (id) => walkTo(bundle, [id], "detects", strategy)),
    );
    expect(strategies.length).toBeGreaterThan(500);
    for (const { object, analytics } of strategies) {
      const found = analytics.map((analytic) => analytic.object.id).sort();
      expect(found).toEqual(analyticsOf(bundle, [object.id]));
      const read = analytics.flatMap(({ log_sources }) =>
        log_sources.map((source) => source.data_component.id),
      );
      expect([...new Set(read)].sort()).toEqual(componentsOf(bundle, found));
    }
    const components = walkAll(ids, (id) => componentsDetecting(bundle, id));
    expect(groupBySubject(data_components, "target")).toEqual(components);
    const brief = await findDetectionsInShort(view, ids);
    expect(groupBySubject(brief.data_components, "target")).toEqual(components);
    for (const id of everyNth(ids, 60)) {
      const { data_components } = await findDetectionsOf(view, id);
      expect(sortedIds(data_components)).toEqual(componentsDetecting(bundle, id));
    }
  });

  test("answers as a walk over the bundle does: analytics and detection strategies", async () => {
    const analytics = idsOf(bundle, ["x-mitre-analytic"]);
    const strategies = await findStrategiesOf(view, analytics);
    expect(strategies.map(({ id }) => id).sort()).toEqual(strategiesOf(bundle, analytics));
    for (const id of everyNth(analytics, 100)) {
      expect((await findStrategiesOf(view, id)).map((found) => found.id)).toEqual(strategiesOf(bundle, [id]));
      const [found] = await findAnalyticsOf(view, id);
      const read = found?.log_sources.map(({ data_component }) => data_component.id) ?? [];
      expect([...new Set(read)].sort()).toEqual(componentsOf(bundle, [id]));
    }
    for (const id of everyNth(idsOf(bundle, strategy), 50)) {
      const found = (await findAnalyticsOf(view, id)).map(({ object }) => object.id).sort();
      expect(found).toEqual(analyticsOf(bundle, [id]));
    }
  });

  test("answers each kind of object with more than its head, where ATT&CK knows more", async () => {
    await expectMoreThanHeads(view, bundle);
  });

  test("answers for every fourth as a walk does: techniques of data components", async () => {
    const componentsOf = walkAll(idsOf(bundle, technique), (id) => componentsDetecting(bundle, id));
    const ids = idsOf(bundle, component);
    expect(ids.length).toBe(109);
    for (const id of everyNth(ids, 4)) {
      const expected = Object.entries(componentsOf).flatMap(([at, read]) => (read.includes(id) ? [at] : []));
      expect(sortedIds(await findTechniquesByDataComponent(view, id))).toEqual(expected.sort());
    }
  });

  test("answers as a walk over the bundle does: sub-techniques and parents", async () => {
    const below = await findSubTechniquesOf(view, idsOf(bundle, technique));
    const everySub = idsOf(bundle, technique).flatMap((id) =>
      walkTo(bundle, [id], "subtechnique-of", technique),
    );
    expect(below.map(({ id }) => id).sort()).toEqual([...everySub].sort());
    for (const { id } of everyNth(below, 10)) {
      const [parent] = walkFrom(bundle, [id], "subtechnique-of", technique);
      expect((await findParentOf(view, id))?.id).toBe(parent);
    }
  });

  test("answers as a walk over the bundle does: techniques of tactics and platforms", async () => {
    const tactics = bundle.objects.filter(({ type }) => type === "x-mitre-tactic");
    expect(tactics.length).toBe(14);
    for (const { id, x_mitre_shortname } of tactics) {
      const expected = techniquesWhere(bundle, ({ kill_chain_phases }) =>
        kill_chain_phases.some(({ phase_name }) => phase_name === x_mitre_shortname),
      );
      expect((await findTechniquesByTactic(view, id)).map((found) => found.id).sort()).toEqual(expected);
    }
    const evasion = await findTechniquesByTactic(view, "TA0005");
    expect(await findTechniquesByTactic(view, "Defense Evasion")).toEqual(evasion);
    expect(await findTechniquesByTactic(view, "defense-evasion")).toEqual(evasion);
    const platforms = new Set(bundle.objects.flatMap(({ x_mitre_platforms }) => x_mitre_platforms));
    expect(platforms.size).toBeGreaterThan(10);
    for (const platform of platforms) {
      const found = (await findTechniquesByPlatform(view, platform)).map(({ id }) => id).sort();
      expect(found).toEqual(techniquesWhere(bundle, (object) => object.x_mitre_platforms.includes(platform)));
    }
  });

  test("finds every object by its name and its aliases", async () => {
    const named = bundle.objects.filter(({ type, name }) => type !== "relationship" && name !== undefined);
    const all = await findObjectsByName(
      view,
      named.flatMap(({ name = "" }) => name),
    );
    expect(all.map(({ id }) => id).sort()).toEqual(named.map(({ id }) => id).sort());
    for (const { id, name = "", aliases, x_mitre_aliases } of everyNth(named, 40)) {
      for (const other of [name.toUpperCase(), ...aliases, ...x_mitre_aliases]) {
        expect((await findObjectsByName(view, other)).map((found) => found.id)).toContain(id);
      }
    }
  });

  test("follows everything that is revoked to what is valid now", async () => {
    const ids = bundle.objects.filter(({ revoked }) => revoked).map(({ id }) => id);
    for (const id of ids) {
      expect((await followRevoked(view, id))?.id).toBe(successorOf(id));
    }
    expect(ids.length).toBe(140);
  });

  function successorOf(id: string): string {
    const [next] = bundle.objects.filter(
      ({ relationship_type, source_ref }) => relationship_type === "revoked-by" && source_ref === id,
    );
    return next === undefined ? id : successorOf(next.target_ref);
  }

  const lacks = mitrePython === undefined ? " (not by MITRE's library: MITREATTACK_PYTHON is not set)" : "";

  test(`scores layers as a walk over the bundle does: of one, of several, of many${lacks}`, async () => {
    const groups = everyNth(validIdsOf(bundle, group), 4);
    const layers = [];
    for (const terms of [["G0016"], ["S0154"], ["APT29", "Sandworm Team", "S0154", "C0024"], groups]) {
      const subjects = await findLayerSubjects(view, terms);
      const layer = await createUsageLayer({ ...view, domain: "enterprise-attack" }, subjects);
      expect(layerFormat.safeParse(layer).error?.issues).toBeUndefined();
      const scored = layer.techniques.filter(({ score }) => score !== undefined);
      expect(Object.fromEntries(scored.map(({ techniqueID, score }) => [techniqueID, score]))).toEqual(
        countUsers(
          bundle,
          subjects.flatMap(({ objects }) => objects.map(({ id }) => id)),
        ),
      );
      for (const { score, color, metadata, comment } of scored) {
        expect([metadata?.length, color === undefined]).toEqual([score, score !== 1]);
        expect(comment).not.toContain("(Citation:");
      }
      layers.push(layer);
    }
    const colours = new Set(layers[3]?.legendItems.map(({ color }) => color));
    expect(colours.size).toBeGreaterThan(groups.length);
    if (mitrePython !== undefined) {
      const loaded = await loadLayers(mitrePython, layers);
      expect(loaded.map(({ said }) => said).join("")).toBe("");
      expect(loaded.map(({ layer }) => layer?.techniques.length)).toEqual(
        layers.map(({ techniques }) => techniques.length),
      );
    }
  });
});

const withoutAnswer = ["relationship", "identity", "marking-definition"];

/** Asks for two objects of each type. */
async function expectMoreThanHeads({ store, ...view }: AttackView, bundle: Bundle): Promise<void> {
  const types = new Set(bundle.objects.map(({ type }) => type));
  for (const type of [...types].filter((one) => !withoutAnswer.includes(one))) {
    const ids = idsOf(bundle, [type]);
    for (const id of everyNth(ids, Math.ceil(ids.length / 2))) {
      const { attack } = await lookUp({ store }, id, view);
      const [{ object, ...more } = expect.fail(`${id} is not found`), ...others] = attack;
      expect(others).toEqual([]);
      const isMore = Object.values(more).some((list) => !Array.isArray(list) || list.length > 0);
      expect({ id, isMore }).toEqual({ id, isMore: isConnected(bundle, id) });
    }
  }
}

const releases = {
  "17.1": "attack/ics-attack-17.1.json.gz",
  "18.1": "attack/ics-attack-18.1.json.gz",
} as const;
const paths = [releases["17.1"], releases["18.1"]] as const;

describe.skipIf(!hasRealData(...paths))(`on ${nameRealData("ICS ATT&CK 17.1 and 18.1", ...paths)}`, () => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase();
    await loadBundles(database.store, paths.map(realData), "all");
  }, 120_000);
  afterAll(() => database.close());

  test.each(Object.entries(releases))(
    "answers for release %s as a walk over its bundle does",
    async (release, path) => {
      const bundle = await readBundle(realData(path));
      const view = { store: database.store.reader, release };
      for (const { of, subject, ask, walk } of direct) {
        const ids = idsOf(bundle, of);
        const answers = groupBySubject(await ask(view, ids), subject);
        expect(answers).toEqual(walkAll(ids, (id) => walk(bundle, id)));
      }
      const ids = idsOf(bundle, technique);
      const { strategies, data_components } = await findDetectionsOf(view, ids);
      expect(groupBySubject(strategies, "target")).toEqual(
        walkAll(ids, (id) => walkTo(bundle, [id], "detects", strategy)),
      );
      const detectedBy = walkAll(ids, (id) => componentsDetecting(bundle, id));
      expect(groupBySubject(data_components, "target")).toEqual(detectedBy);
      for (const id of idsOf(bundle, ["x-mitre-data-source"])) {
        const found = (await findDataComponentsOf(view, id)).map((one) => one.id).sort();
        expect(found).toEqual(componentsIn(bundle, [id]));
      }
      await expectMoreThanHeads(view, bundle);
      for (const id of idsOf(bundle, component)) {
        const expected = Object.entries(detectedBy).flatMap(([at, read]) => (read.includes(id) ? [at] : []));
        expect(sortedIds(await findTechniquesByDataComponent(view, id))).toEqual(expected.sort());
      }
    },
  );

  test("shows in a layer which techniques the release modified", async () => {
    const [older, newer] = await Promise.all([
      readBundle(realData(paths[0])),
      readBundle(realData(paths[1])),
    ]);
    const layer = await createChangesLayer(database.store.reader, { from: "17.1", to: "18.1" });
    expect(layerFormat.safeParse(layer).error?.issues).toBeUndefined();
    expect(layer).toMatchObject({ domain: "ics-attack", versions: { attack: "18" } });
    const ids = layer?.techniques.map(({ techniqueID }) => techniqueID);
    expect(ids).toEqual(findModifiedTechniques(older, newer));
    expect(ids?.length).toBe(2);
  });

  test("has detection strategies since release 18, and data components before", async () => {
    const detectionsIn = (release: string) =>
      findDetectionsOf({ store: database.store.reader, release }, "T0800");
    const before = await detectionsIn("17.1");
    expect(before.strategies).toEqual([]);
    expect(before.data_components[0]?.relationships[0]?.description).toContain("Monitor");
    const since = await detectionsIn("18.1");
    expect(since.strategies.map(({ analytics }) => analytics.length)).toEqual([1]);
    expect(since.data_components.length).toBeGreaterThan(0);
    expect(await findDetectionsOf({ store: database.store.reader }, "T0800")).toEqual(since);
  });
});

interface Database {
  readonly store: Store;
  close(): Promise<void>;
}

async function openDatabase(): Promise<Database> {
  const server = await startEmbeddedMongo();
  const store = await openStore({ uri: server.uri, db: "pivot", kind: "embedded" });
  return {
    store,
    async close() {
      await store.close();
      await server.close();
    },
  };
}

/** Those that are neither revoked nor deprecated. */
function validIdsOf({ objects }: Bundle, types: readonly string[]): Ids {
  const valid = objects.filter(({ revoked, x_mitre_deprecated }) => !(revoked || x_mitre_deprecated));
  return valid.filter(({ type }) => types.includes(type)).map(({ id }) => id);
}

function idsOf({ objects }: Bundle, types: readonly string[]): Ids {
  return objects.filter(({ type }) => types.includes(type)).map(({ id }) => id);
}

/** By the analytics of strategies; before release 18 directly. */
function componentsDetecting(bundle: Bundle, id: string): Ids {
  const strategies = walkTo(bundle, [id], "detects", strategy);
  const read = componentsOf(bundle, analyticsOf(bundle, strategies));
  return [...new Set([...read, ...walkTo(bundle, [id], "detects", component)])].sort();
}

/** What each subject is related with, by STIX id. */
function groupBySubject(
  related: readonly RelatedObject[],
  subject: "source" | "target",
): Readonly<Record<string, Ids>> {
  const found = new Map<string, Set<string>>();
  for (const { object, relationships } of related) {
    for (const { [subject]: end } of relationships) {
      found.set(end.id, (found.get(end.id) ?? new Set()).add(object.id));
    }
  }
  return Object.fromEntries([...found].map(([id, answer]) => [id, [...answer].sort()]));
}

/** The answers of a walk that are not empty. */
function walkAll(ids: Ids, walk: (id: string) => Ids): Readonly<Record<string, Ids>> {
  return Object.fromEntries(ids.map((id) => [id, walk(id)] as const).filter(([, found]) => found.length > 0));
}

function everyNth<Item>(items: readonly Item[], n: number): readonly Item[] {
  return items.filter((_, index) => index % n === 0);
}

function sortedIds(related: readonly RelatedObject[]): Ids {
  return related.map(({ object }) => object.id).sort();
}
