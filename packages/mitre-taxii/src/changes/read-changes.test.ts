import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded, describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { startSandbox } from "@cti-connectors/sandbox";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { StixObject } from "../taxii/stix-object.js";
import { runPipeline } from "../testing/pipeline.js";
import { changes17To18, ics, release, release17, release18, technique } from "../testing/small-releases.js";
import { useServers } from "../testing/start-servers.js";
import { readChanges, UnknownReleaseError } from "./read-changes.js";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const servers = useServers();
const day = (number: number) => new Date(Date.UTC(2026, 10, number));

/** Loads what a server lists on a day of November. */
async function load(
  store: Store,
  bundles: readonly (readonly StixObject[])[],
  onDay: number,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { taxiiUrl } = await servers.start(bundles);
  const settings = { MITRE_TAXII_URL: taxiiUrl, MITRE_REQUEST_BUDGET: "off", ...env };
  expect(await runPipeline(store, settings, { now: () => day(onDay) })).toMatchObject({ status: "ok" });
}

async function collectionIn(store: Store, options: Parameters<typeof readChanges>[1] = {}) {
  const { collections } = await readChanges(store.reader, options);
  expect(collections).toHaveLength(1);
  return collections[0];
}

describeOnServers("changes between releases", (openDatabase) => {
  test("are listed with ids and names, in a stable order, from two loads one after the other", async () => {
    const store = await openDatabase();
    await load(store, [release17], 1);
    await load(store, [release18], 8);
    const changes = await readChanges(store.reader);
    expect(changes).toEqual({
      from: "17.1",
      to: "18.1",
      collections: [
        {
          id: ics,
          name: `Release of ${ics}`,
          from: "17.1",
          to: "18.1",
          releases: ["17.1", "18.1"],
          tactics: [],
          ...changes17To18,
        },
      ],
    });
    expect(await readChanges(store.reader, { from: "17.1" })).toEqual(changes);
    expect(await readChanges(store.reader, { to: "18.1" })).toEqual(changes);
    expect(await readChanges(store.reader, { from: "17.1", to: "18.1" })).toEqual(changes);
  });

  test("are listed backwards, too", async () => {
    const store = await openDatabase();
    await load(store, [release17], 1);
    await load(store, [release18], 8);
    const back = await collectionIn(store, { from: "18.1", to: "17.1" });
    expect(back?.summary).toMatchObject({ added: 2, modified: 4, revoked: 0, deprecated: 0, withdrawn: 2 });
    expect(back?.changes.find(({ attack_id }) => attack_id === "T0006")).toMatchObject({ change: "added" });
  });

  test("know the tactics in the order of the newest matrix, then those that only an older one has", async () => {
    const store = await openDatabase();
    const object = (type: string, id: string, modified: string, more: object): StixObject => ({
      ...technique(id, id, modified, more),
      ...{ type, id: `${type}--${id}` },
    });
    const withTactics = (version: string, modified: string, ...names: string[]) =>
      release(version, modified, [
        technique("T0001", "Kept", "2024-01-01T00:00:00.000Z"),
        object("x-mitre-matrix", "1", modified, {
          tactic_refs: names.map((name) => `x-mitre-tactic--${name}`),
        }),
        ...names.map((name) =>
          object("x-mitre-tactic", name, "2024-01-01T00:00:00.000Z", { x_mitre_shortname: name }),
        ),
      ]);
    await load(store, [withTactics("17.1", "2025-01-01T00:00:00.000Z", "impact", "evasion")], 1);
    await load(store, [withTactics("18.1", "2025-06-01T00:00:00.000Z", "stealth", "impact")], 8);
    expect((await collectionIn(store))?.tactics).toEqual(["stealth", "impact", "evasion"]);
  });

  test("are those of the two newest releases, by number and not by text", async () => {
    const store = await openDatabase();
    const grown = (version: string, ...techniques: string[]) =>
      release(
        version,
        `2025-0${techniques.length}-01T00:00:00.000Z`,
        techniques.map((id) => technique(id, `Technique ${id}`, "2024-01-01T00:00:00.000Z")),
      );
    await load(store, [grown("8.2", "T1")], 1);
    await load(store, [grown("9.0", "T1", "T2")], 2);
    await load(store, [grown("10.0", "T1", "T2", "T3")], 3);
    expect(await collectionIn(store)).toMatchObject({
      from: "9.0",
      to: "10.0",
      releases: ["8.2", "9.0", "10.0"],
      summary: { added: 1, modified: 1, withdrawn: 0 },
    });
    expect(await collectionIn(store, { from: "8.2" })).toMatchObject({ to: "10.0", summary: { added: 2 } });
    expect(await collectionIn(store, { to: "9.0" })).toMatchObject({ from: "8.2", summary: { added: 1 } });
    expect(await collectionIn(store, { to: "8.2" })).toMatchObject({
      from: null,
      to: null,
      not_compared: "no release before 8.2 is stored (stored: 8.2, 9.0, 10.0)",
    });
    expect(await collectionIn(store, { from: "10.0" })).toMatchObject({
      not_compared: "no release after 10.0 is stored (stored: 8.2, 9.0, 10.0)",
    });
  });

  test("of a collection with one release are not compared, and of another are", async () => {
    const store = await openDatabase();
    const mobile = release("14.1", "2023-11-14T00:00:00.000Z", [], "x-mitre-collection--mobile");
    await load(store, [release17, mobile], 1);
    expect(await readChanges(store.reader)).toMatchObject({
      from: null,
      to: null,
      collections: [
        { not_compared: "only release 17.1 is stored", changes: [] },
        { not_compared: "only release 14.1 is stored", changes: [] },
      ],
    });
    await load(store, [release18, mobile], 8);
    expect(await readChanges(store.reader, { from: "17.1" })).toMatchObject({
      from: "17.1",
      to: "18.1",
      collections: [
        { id: ics, from: "17.1", to: "18.1", summary: changes17To18.summary },
        {
          id: "x-mitre-collection--mobile",
          from: null,
          to: null,
          not_compared: "its release 17.1 is not stored (stored: 14.1)",
        },
      ],
    });
  });

  test("are told of a collection that its server lists no longer", async () => {
    const store = await openDatabase();
    await load(store, [release17], 1);
    await load(store, [release18], 8);
    await store.database.collection("collections").deleteMany({});
    expect(await collectionIn(store)).toMatchObject({
      id: ics,
      name: `Release of ${ics}`,
      summary: changes17To18.summary,
    });
  });

  test("with a release that no collection has are refused with the names of those that are stored", async () => {
    const store = await openDatabase();
    await load(store, [release17], 1);
    await load(store, [release18], 8);
    for (const options of [{ from: "16.0" }, { from: "17.1", to: "16.0" }]) {
      const refused = await readChanges(store.reader, options).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(UnknownReleaseError);
      expect(refused).toMatchObject({
        message: "Release 16.0 is not stored; these are: 17.1, 18.1.",
        release: "16.0",
        stored: ["17.1", "18.1"],
      });
    }
  });

  test("are not told from lists that were cut, but from the releases that objects appeared in", async () => {
    const store = await openDatabase();
    const cut = { MITRE_MAX_CONTENTS: "3" };
    await load(store, [release17], 1, cut);
    await load(store, [release18], 8, cut);
    expect(await collectionIn(store)).toMatchObject({
      from: "17.1",
      to: "18.1",
      not_compared: "17.1 and 18.1 are not stored in full",
      changes: [],
    });
    const appeared = async (name: string, held: readonly StixObject[]) => {
      const inRelease = { $addToSet: { "enriched.releases": name } };
      for (const { id, modified, created } of held) {
        await store.database
          .collection("objects")
          .updateOne(
            { "data.objects": { $elemMatch: { id, modified: modified ?? null, created } } },
            inRelease,
          );
      }
    };
    await appeared("17.1", release17);
    await appeared("18.1", release18);
    expect(await collectionIn(store)).toMatchObject({ from: "17.1", to: "18.1", ...changes17To18 });
  });

  test("tell how many changed objects are not stored, because a load was limited", async () => {
    const store = await openDatabase();
    await load(store, [release17], 1);
    await load(store, [release18], 8, { MITRE_MAX_OBJECTS: "1" });
    const found = await collectionIn(store);
    expect(found).toMatchObject({ from: "17.1", to: "18.1", not_stored: 6 });
    await load(store, [release18], 9);
    expect(await collectionIn(store)).not.toHaveProperty("not_stored");
  });

  test("are the same where both releases were loaded at once, with their lists and without", async () => {
    for (const more of [{}, { MITRE_MAX_CONTENTS: "3" }]) {
      const store = await openDatabase();
      await load(store, [release17, release18], 1, { MITRE_RELEASES: "all", ...more });
      expect(await collectionIn(store)).toMatchObject({
        from: "17.1",
        to: "18.1",
        releases: ["17.1", "18.1"],
        tactics: [],
        ...changes17To18,
      });
      // The release before is no news: it was stored as history.
      expect(await collectionIn(store, { since: day(1) })).toMatchObject({
        summary: { added: 10, modified: 0, withdrawn: 0 },
      });
    }
  });

  test("take the newest of two versions that a release holds, in whatever order it names them", async () => {
    const [first, second, third] = [1, 2, 3].map((month) => `2025-0${month}-01T00:00:00.000Z`);
    const both = [technique("T1", "second", second ?? ""), technique("T1", "first", first ?? "")];
    const next = [technique("T1", "third", third ?? "")];
    for (const more of [{}, { MITRE_MAX_CONTENTS: "1" }]) {
      const store = await openDatabase();
      const bundles = [release("1.0", second ?? "", both), release("2.0", third ?? "", next)];
      await load(store, bundles, 1, { MITRE_RELEASES: "all", ...more });
      const changes = (await collectionIn(store))?.changes.filter(({ attack_id }) => attack_id === "T1");
      expect(changes).toEqual([
        expect.objectContaining({ change: "modified", previous_version: second, version: third }),
      ]);
      expect(await collectionIn(store)).not.toHaveProperty("not_stored");
    }
  });

  test("date what was revoked or deprecated in place by the release that did it", async () => {
    const [early, later] = ["2025-01-01T00:00:00.000Z", "2025-02-01T00:00:00.000Z"] as const;
    const ofRelease = (version: string, at: string, more: object, revoked: object, month: number) =>
      release(version, `2025-0${month}-01T00:00:00.000Z`, [
        technique("T1", "Changed", at, more),
        technique("T2", "Same", early, more),
        technique("T3", "Revoked", early, revoked),
      ]);
    const bundles = [
      ofRelease("1.0", early, {}, {}, 1),
      ofRelease("2.0", later, {}, {}, 2),
      ofRelease("3.0", later, { x_mitre_deprecated: true }, { revoked: true }, 3),
      ofRelease("4.0", later, { x_mitre_deprecated: true }, { revoked: true }, 4),
    ];
    const store = await openDatabase();
    await load(store, bundles, 1, { MITRE_RELEASES: "all" });
    const told = async (from: string, to: string) => {
      const { summary, changes = [] } = (await collectionIn(store, { from, to })) ?? {};
      return { summary, flagged: changes.filter(({ revoked, deprecated }) => revoked || deprecated) };
    };
    const none = { revoked: 0, deprecated: 0, added: 0, withdrawn: 0 };
    expect(await told("1.0", "2.0")).toMatchObject({ summary: { ...none, modified: 2 }, flagged: [] });
    expect(await told("3.0", "4.0")).toMatchObject({ summary: { ...none, modified: 1 }, flagged: [] });
    expect(await told("2.0", "3.0")).toMatchObject({
      summary: {
        ...none,
        modified: 4,
        revoked: 1,
        deprecated: 2,
        classes: { revocations: 1, deprecations: 2 },
      },
      flagged: [
        { class: "deprecations", attack_id: "T1", version: later, previous_version: later, deprecated: true },
        { class: "deprecations", attack_id: "T2", version: early, previous_version: early, deprecated: true },
        { class: "revocations", attack_id: "T3", version: early, previous_version: early, revoked: true },
      ],
    });
    expect((await told("1.0", "4.0")).summary).toMatchObject({
      ...none,
      modified: 4,
      revoked: 1,
      deprecated: 2,
    });
  });

  test("tell fields with both values, who replaces what is revoked, and what was retired before, if asked for", async () => {
    const store = await openDatabase();
    const [older, newer] = ["2025-01-01T00:00:00.000Z", "2025-06-01T00:00:00.000Z"] as const;
    const versioned = (x_mitre_version: string, more: object) => ({
      x_mitre_version,
      kill_chain_phases: [{ kill_chain_name: "mitre-ics-attack", phase_name: "impact" }],
      external_references: [
        { source_name: "mitre-attack", external_id: "T1", url: "https://attack.mitre.org/techniques/T1" },
      ],
      ...more,
    });
    const revokedBy = (id: string, modified: string, target: string, more: object = {}) => ({
      type: "relationship",
      id: `relationship--${id}`,
      spec_version: "2.1",
      created: older,
      modified,
      relationship_type: "revoked-by",
      source_ref: "attack-pattern--T2",
      target_ref: `attack-pattern--${target}`,
      ...more,
    });
    const retired = { x_mitre_deprecated: true };
    await load(
      store,
      [
        release("1.0", older, [
          technique(
            "T1",
            "One",
            older,
            versioned("1.1", { description: "Old.", x_mitre_platforms: ["A", "B"] }),
          ),
          technique("T2", "Two", older),
          technique("T3", "Three", older, retired),
        ]),
      ],
      1,
    );
    const successor = revokedBy("1", older, "T1");
    const obsolete = revokedBy("2", newer, "T3", { x_mitre_deprecated: true });
    await load(
      store,
      [
        release("2.0", newer, [
          technique(
            "T1",
            "One",
            newer,
            versioned("1.2", { description: "New.", x_mitre_platforms: ["B", "A"] }),
          ),
          technique("T2", "Two", newer, { revoked: true }),
          technique("T3", "Three", newer, { ...retired, description: "Still retired." }),
          successor,
          obsolete,
        ]),
      ],
      2,
    );
    const techniquesIn = async (options: Parameters<typeof readChanges>[1]) =>
      (await collectionIn(store, options))?.changes.filter(({ type }) => type === "attack-pattern");
    const detailed = { withFields: true, includeRetired: true };
    const [one, two, three] = (await techniquesIn(detailed)) ?? [];
    expect(one).toMatchObject({
      class: "minor_version_changes",
      attack_version: "1.2",
      previous_attack_version: "1.1",
      url: "https://attack.mitre.org/techniques/T1",
      tactics: ["impact"],
      fields: [{ name: "description", before: "Old.", after: "New." }],
    });
    expect(two).toMatchObject({
      class: "revocations",
      revoked_by: {
        id: "attack-pattern--T1",
        attack_id: "T1",
        name: "One",
        url: "https://attack.mitre.org/techniques/T1",
      },
      fields: [{ name: "revoked", after: true }],
    });
    expect(three).toMatchObject({
      class: "retired",
      attack_id: "T3",
      fields: [{ name: "description", after: "Still retired." }],
    });
    expect(await techniquesIn({ ...detailed, since: day(2) })).toEqual([one, two, three]);
    const { fields: _one, ...plainOne } = one ?? {};
    const { fields: _two, ...plainTwo } = two ?? {};
    expect(await techniquesIn({})).toEqual([plainOne, plainTwo]);
  });

  test("are nothing in an empty database", async () => {
    const store = await openDatabase();
    expect(await readChanges(store.reader)).toEqual({ from: null, to: null, collections: [] });
  });
});

describeOnServers("changes since a time", (openDatabase) => {
  test("are all that a first load brings, then what came, changed and went, then nothing", async () => {
    const store = await openDatabase();
    await load(store, [release17], 1);
    expect(await collectionIn(store, { since: day(1) })).toMatchObject({
      from: null,
      to: null,
      releases: ["17.1"],
      tactics: [],
      same_version: 0,
      summary: { added: 10, modified: 0, revoked: 0, deprecated: 0, withdrawn: 0 },
    });
    await load(store, [release18], 8);
    expect(await readChanges(store.reader, { since: day(2) })).toEqual({
      from: null,
      to: null,
      since: "2026-11-02T00:00:00.000Z",
      collections: [
        {
          id: ics,
          name: `Release of ${ics}`,
          from: null,
          to: null,
          releases: ["17.1", "18.1"],
          tactics: [],
          same_version: 0,
          ...changes17To18,
        },
      ],
    });
    expect(await collectionIn(store, { since: day(9) })).toMatchObject({ changes: [], same_version: 0 });
    expect(await collectionIn(store, { since: day(1) })).toMatchObject({
      summary: { added: 10, modified: 0, revoked: 0, deprecated: 0, withdrawn: 2 },
    });
  });

  test("tell another content under the same version apart", async () => {
    const store = await openDatabase();
    const one = technique("T0001", "One", "2025-01-01T00:00:00.000Z");
    const observable = { type: "domain-name", id: "domain-name--1", value: "one.example" };
    const list = (...objects: readonly StixObject[]) => [
      ...release("1.0", "2025-01-01T00:00:00.000Z", []),
      ...objects,
    ];
    await load(store, [list(one, observable)], 1);
    const changed = list({ ...one, description: "Another text" }, { ...observable, value: "two.example" });
    await load(store, [changed], 8);
    expect(await collectionIn(store, { since: day(8) })).toMatchObject({
      same_version: 1,
      summary: { added: 0, modified: 1, withdrawn: 0 },
      changes: [{ change: "modified", type: "domain-name", id: "domain-name--1", version: "unversioned" }],
    });
  });

  test("need no release", async () => {
    const store = await openDatabase();
    await load(store, [[technique("T0001", "One", "2025-01-01T00:00:00.000Z")]], 1);
    expect(await collectionIn(store, { since: day(1) })).toMatchObject({
      releases: [],
      tactics: [],
      summary: { added: 1 },
      changes: [{ change: "added", attack_id: "T0001" }],
    });
    expect(await collectionIn(store)).toMatchObject({ not_compared: "no release of it is stored" });
    await expect(readChanges(store.reader, { to: "1.0" })).rejects.toThrow(
      "Release 1.0 is not stored: no ATT&CK release is stored yet.",
    );
  });

  test("take what comes back in a new version as added, and what changes back as modified", async () => {
    const store = await openDatabase();
    const one = (modified: string) => technique("T0001", "One", modified);
    const two = technique("T0002", "Two", "2025-01-01T00:00:00.000Z");
    const list = (version: string, month: number, ...objects: readonly StixObject[]) =>
      release(version, `2025-0${month}-01T00:00:00.000Z`, objects);
    await load(store, [list("1.0", 1, one("2025-01-01T00:00:00.000Z"), two)], 1);
    await load(store, [list("2.0", 2, two)], 2);
    await load(store, [list("3.0", 3, one("2025-03-01T00:00:00.000Z"), two)], 3);
    const ofOne = async (since: Date) =>
      (await collectionIn(store, { since }))?.changes.filter(({ attack_id }) => attack_id === "T0001");
    expect(await ofOne(day(3))).toMatchObject([{ change: "added", version: "2025-03-01T00:00:00.000Z" }]);
    await load(store, [list("1.0", 1, one("2025-01-01T00:00:00.000Z"), two)], 4);
    expect(await ofOne(day(4))).toMatchObject([
      {
        change: "modified",
        version: "2025-01-01T00:00:00.000Z",
        previous_version: "2025-03-01T00:00:00.000Z",
      },
    ]);
  });

  test("are none where a release gave way to another and came again, and where that began meanwhile, what it changed", async () => {
    const store = await openDatabase();
    await load(store, [release17], 1);
    await load(store, [release18], 2);
    await load(store, [release17], 4);
    await load(store, [release18], 6);
    expect(await collectionIn(store, { since: day(3) })).toMatchObject({ changes: [], same_version: 0 });
    expect(await collectionIn(store, { since: day(5) })).toMatchObject(changes17To18);
    expect(await collectionIn(store, { since: day(7) })).toMatchObject({ changes: [], same_version: 0 });
  });

  test("tell what was withdrawn and came back under its version", async () => {
    const store = await openDatabase();
    const [one, two] = ["T0001", "T0002"].map((id) => technique(id, id, "2025-01-01T00:00:00.000Z"));
    const list = (month: number, ...objects: readonly (StixObject | undefined)[]) =>
      release(
        `${month}.0`,
        `2025-0${month}-01T00:00:00.000Z`,
        objects.filter((object) => object !== undefined),
      );
    await load(store, [list(1, one, two)], 1);
    await load(store, [list(2, two)], 2);
    await load(store, [list(3, one, two)], 4);
    const ofOne = async (since: Date) =>
      (await collectionIn(store, { since }))?.changes.filter(({ attack_id }) => attack_id === "T0001");
    expect(await ofOne(day(3))).toMatchObject([{ change: "added", version: "2025-01-01T00:00:00.000Z" }]);
    expect(await ofOne(day(2))).toEqual([]);
    expect(await ofOne(day(5))).toEqual([]);
  });

  test("do not hold what was stored as the history of releases", async () => {
    const store = await openDatabase();
    await load(store, [release18], 1);
    const history = await store.database.collection("objects").findOne({ "enriched.attack_id": "T0001" });
    await store.database.collection<{ _id: string }>("objects").insertMany(
      (["superseded", "withdrawn"] as const).map((removed_reason) => ({
        ...history,
        _id: `${ics}/attack-pattern--${removed_reason}/2019-01-01T00:00:00.000Z`,
        first_ingested_at: day(8),
        ingested_at: day(8),
        removed_at: day(8),
        removed_reason,
      })),
    );
    expect(await collectionIn(store, { since: day(2) })).toMatchObject({ changes: [], same_version: 0 });
  });
});

const ics17 = realData("attack/ics-attack-17.1.json.gz");
const ics18 = realData("attack/ics-attack-18.1.json.gz");
const realReleases = nameRealData("the real ICS releases", ics17, ics18);

describe.skipIf(!hasRealData(ics17, ics18))(`with ${realReleases}`, () => {
  describeOnEmbedded("changes", (openDatabase) => {
    test("are 413 added, 65 modified and 238 withdrawn, between releases and since the first load", async () => {
      const store = await openDatabase();
      for (const [index, file] of [ics17, ics18].entries()) {
        const sandbox = await startSandbox({ attackFiles: [file] });
        onTestFinished(() => sandbox.close());
        const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_REQUEST_BUDGET: "off" };
        await runPipeline(store, env, { now: () => day(1 + index) });
      }
      const between = await collectionIn(store, { from: "17.1", to: "18.1" });
      expect(between).toMatchObject({
        name: "ICS ATT&CK",
        summary: { added: 413, modified: 65, revoked: 0, deprecated: 17, withdrawn: 238 },
      });
      const all = await collectionIn(store, { includeRetired: true });
      expect(all?.summary).toMatchObject({ modified: 77, classes: { retired: 12, patches: 2 } });
      const since = await collectionIn(store, { since: day(2) });
      // 18.1 changes these techniques without a new version.
      expect(since).toMatchObject({ same_version: 70 });
      expect(since?.changes).toEqual(between?.changes);
      expect(between?.changes.filter(({ name }) => name === undefined)).toEqual([]);
      expect(between?.changes.filter(({ deprecated }) => deprecated).map(({ type }) => type)).toEqual(
        Array.from({ length: 17 }, () => "x-mitre-data-source"),
      );
      expect(between?.changes).toContainEqual(
        expect.objectContaining({ change: "added", type: "x-mitre-asset", attack_id: "A0015" }),
      );
    });
  });
});
