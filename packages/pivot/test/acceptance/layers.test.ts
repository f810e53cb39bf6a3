import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "@cti-connectors/core/host";
import { runInTest } from "@cti-connectors/core/testing";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, onTestFinished, test } from "vitest";
import {
  createChangesLayer,
  createGroupsLayer,
  createIocsLayer,
  createUsageLayer,
  findLayerSubjects,
  findUsageDomain,
  malwareLinks,
  type NavigatorLayer,
} from "../../src/index.js";
import { attackObject, relationship } from "../../src/testing/attack-objects.js";
import { layerFormat } from "../../src/testing/layer-format.js";
import { loadBundles, loadObjects } from "../../src/testing/load-attack.js";
import { loadLayers, mitrePython } from "../../src/testing/load-layers.js";
import { familyDocument, iocDocument, storeSources } from "../../src/testing/store-sources.js";

const domain = "enterprise-attack";

function technique(id: string, more: object = {}) {
  const url = `https://attack.mitre.org/techniques/${id.replace(".", "/")}`;
  const external_references = [{ source_name: "mitre-attack", external_id: id, url }];
  return attackObject("attack-pattern", id, { external_references, x_mitre_version: "1.0", ...more });
}

const techniques = [
  technique("T1001"),
  technique("T1002"),
  technique("T1002.001"),
  technique("T1003", { x_mitre_deprecated: true }),
  technique("T1004"),
  technique("T1005"),
];
const [bear, strike, loader, raid, old, twin] = [
  attackObject("intrusion-set", "G0001", { name: "Cosy Bear", aliases: ["Cosy Bear", "APT 0"] }),
  attackObject("malware", "S0001", { name: "Strike", x_mitre_platforms: ["Windows"] }),
  attackObject("malware", "S0002", { name: "Loader X", x_mitre_platforms: ["Windows"] }),
  attackObject("campaign", "C0001", { name: "Raid" }),
  attackObject("malware", "S0009", { name: "Old Strike", revoked: true }),
  attackObject("intrusion-set", "G0002", { name: "Twin", aliases: ["Twin", "Loader X"] }),
];

function uses(source: { readonly id: string }, techniqueId: string) {
  const description = `[Somebody](https://example.com) used ${techniqueId}.(Citation: A (b))`;
  return relationship("uses", source.id, `attack-pattern--${techniqueId}`, { description });
}

const objects = [
  ...techniques,
  ...[bear, strike, loader, raid, old, twin],
  ...["T1001", "T1002.001", "T1003"].map((id) => uses(bear, id)),
  ...["T1001", "T1005"].map((id) => uses(strike, id)),
  ...["T1001"].map((id) => uses(loader, id)),
  ...["T1004"].map((id) => uses(raid, id)),
  relationship("attributed-to", raid.id, bear.id),
  relationship("revoked-by", old.id, strike.id),
];

/** All layers that the tests make. */
const made: NavigatorLayer[] = [];

function checked(layer: NavigatorLayer | undefined): NavigatorLayer {
  const { error } = layerFormat.safeParse(layer);
  expect(error?.issues).toBeUndefined();
  if (layer === undefined) {
    throw new Error("there is no layer");
  }
  made.push(layer);
  return layer;
}

function scoresOf({ techniques }: NavigatorLayer) {
  return Object.fromEntries(techniques.map(({ techniqueID, score }) => [techniqueID, score]));
}

describeOnServers("layers", (openDatabase) => {
  test("show who uses what: a colour for each subject, and scores where they overlap", async () => {
    const store = await openDatabase();
    await loadObjects(store, objects);
    await storeSources(store, "threatfox_malware", [familyDocument("win.loader_x", "Loader X")]);
    await runInTest({ connector: malwareLinks, environment: {}, store });
    const view = { store: store.reader, domain } as const;

    const subjects = await findLayerSubjects(view, ["g0001", "strike", "win.loader_x", "G0001"]);
    expect(subjects.map(({ id }) => id)).toEqual(["G0001", "S0001", "win.loader_x"]);
    const layer = checked(await createUsageLayer(view, subjects));
    expect(layer).toMatchObject({
      name: "Cosy Bear (G0001), Strike (S0001), Loader X (win.loader_x)",
      domain,
      versions: { attack: "18", layer: "4.5" },
      gradient: { minValue: 1, maxValue: 3 },
    });
    expect(scoresOf(layer)).toEqual({
      T1001: 3,
      T1002: undefined,
      "T1002.001": 1,
      T1004: 1,
      T1005: 1,
    });
    const { legendItems } = layer;
    expect(legendItems.map(({ label }) => label)).toEqual([
      "only Cosy Bear (G0001)",
      "only Strike (S0001)",
      "only Loader X (win.loader_x)",
      "used by 3 of 3",
    ]);
    expect(new Set(legendItems.map(({ color }) => color)).size).toBe(4);
    const [shared, parent, sub, , ofStrike] = layer.techniques;
    expect(parent).toEqual({ techniqueID: "T1002", showSubtechniques: true });
    expect(sub?.color).toBe(legendItems[0]?.color);
    expect(ofStrike?.color).toBe(legendItems[1]?.color);
    expect(shared?.color).toBeUndefined();
    expect(shared?.comment).toBe(
      [
        "Cosy Bear (G0001): Somebody used T1001.",
        "Strike (S0001): Somebody used T1001.",
        "Loader X (win.loader_x): Somebody used T1001.",
      ].join("\n\n"),
    );
    expect(shared?.links).toContainEqual({
      label: "T1001 name of T1001",
      url: "https://attack.mitre.org/techniques/T1001",
    });

    const [alone] = subjects;
    const own = checked(
      await createUsageLayer(view, alone === undefined ? [] : [alone], { campaigns: false }),
    );
    expect(scoresOf(own)).toEqual({ T1001: 1, T1002: undefined, "T1002.001": 1 });
    expect(await createUsageLayer({ ...view, release: "18.1" }, subjects)).toEqual(layer);
    await expect(createUsageLayer({ ...view, release: "17.1" }, subjects)).rejects.toThrow(
      "Release 17.1 is not stored; these are: 18.1.",
    );
  });

  test("count the groups that use a technique, also in their campaigns", async () => {
    const store = await openDatabase();
    const owl = attackObject("intrusion-set", "G0003", { name: "Owl" });
    await loadObjects(store, [...objects, owl, uses(owl, "T1004"), uses(owl, "T1001"), uses(twin, "T1001")]);
    const layer = checked(await createGroupsLayer({ store: store.reader, domain }));
    expect(layer).toMatchObject({ domain, gradient: { minValue: 0, maxValue: 3 } });
    // Software does not count, nor does what is deprecated.
    expect(scoresOf(layer)).toEqual({ T1001: 3, T1002: undefined, "T1002.001": 1, T1004: 2 });
    const commentOf = (id: string) => layer.techniques.find(({ techniqueID }) => techniqueID === id)?.comment;
    expect(commentOf("T1001")).toBe("Cosy Bear (G0001), Owl (G0003), Twin (G0002)");
    expect(commentOf("T1004")).toBe("Cosy Bear (G0001), Owl (G0003)");
  });

  test("find subjects by any name, and say what else was meant", async () => {
    const store = await openDatabase();
    await loadObjects(store, objects);
    const view = { store: store.reader };
    expect(await findLayerSubjects(view, ["apt0", "Raid", "S0009"])).toMatchObject([
      { id: "G0001", name: "Cosy Bear" },
      { id: "C0001" },
      { id: "S0001" },
    ]);
    const failing = (term: string) => expect(findLayerSubjects(view, [term])).rejects;
    await failing("Loader X").toThrow(
      '"Loader X" is a name of Twin (G0002) and Loader X (S0002): give the id.',
    );
    await failing("T1001").toThrow("name of T1001 (T1001) is not a group, software or campaign");
    await failing("Cosi Baer").toThrow('"Cosi Baer". Do you mean Cosy Bear (G0001)?');
    await failing("nothing").toThrow(/^There is no group, software, campaign or malware family "nothing"\.$/);
  });

  test("are of the first domain in which all subjects use something", async () => {
    const store = await openDatabase();
    const phone = attackObject("malware", "S0500", { name: "Phone", x_mitre_domains: ["mobile-attack"] });
    const tap = { ...technique("T1400"), x_mitre_domains: ["mobile-attack"] };
    await loadObjects(store, objects);
    await loadObjects(store, [phone, tap, uses(phone, "T1400")], { domain: "mobile-attack" });
    const view = { store: store.reader };
    const domainOf = async (...terms: string[]) =>
      findUsageDomain(view, await findLayerSubjects(view, terms));
    expect(await domainOf("S0500")).toBe("mobile-attack");
    expect(await domainOf("G0001")).toBe("enterprise-attack");
    expect(await domainOf("G0001", "S0500")).toBe("enterprise-attack");
    expect(await domainOf("Twin")).toBeUndefined();
  });

  test("score techniques by the recent IOCs of families whose software uses them", async () => {
    const store = await openDatabase();
    await loadObjects(store, objects);
    await storeSources(store, "threatfox_malware", [
      familyDocument("win.strike", "Strike"),
      familyDocument("win.loader_x", "Loader X"),
      familyDocument("win.unknown", "Nobody knows it"),
    ]);
    const since = new Date("2026-11-01T00:00:00Z");
    const seen = ["2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"];
    const iocs = ["win.strike", "win.loader_x", "win.unknown"].flatMap((malware, family) =>
      seen.slice(family === 1 ? 2 : 0).map((time, index) => {
        const ioc = iocDocument(`${family}-${index}`, malware, malware);
        return { ...ioc, enriched: { ...ioc.enriched, first_seen: new Date(time) } };
      }),
    );
    await storeSources(store, "threatfox_raw", iocs);
    await runInTest({ connector: malwareLinks, environment: {}, store });

    const view = { store: store.reader, domain } as const;
    const layer = checked(await createIocsLayer(view, { since }));
    expect(scoresOf(layer)).toEqual({ T1001: 3, T1005: 2 });
    expect(layer.techniques[0]?.comment).toBe(
      "Strike (win.strike, S0001): 2 IOCs\nLoader X (win.loader_x, S0002): 1 IOC",
    );
    expect(layer.gradient).toMatchObject({ minValue: 0, maxValue: 3 });
    expect(layer.legendItems.map(({ label }) => label)).toEqual(["1 IOC", "3 IOCs"]);
    expect(layer.metadata).toEqual([
      { name: "ATT&CK", value: "18.1" },
      { name: "IOCs first seen since", value: "2026-11-01T00:00:00.000Z" },
      { name: "IOCs of families linked with ATT&CK", value: "3" },
      { name: "families linked with ATT&CK", value: "2" },
      { name: "all IOCs", value: "5" },
    ]);
    const none = checked(await createIocsLayer(view, { since: new Date("2026-12-01T00:00:00Z") }));
    expect(none).toMatchObject({ techniques: [], legendItems: [] });
  });

  test("show what a release added, changed, deprecated and revoked", async () => {
    const store = await openDatabase();
    const modified = "2026-01-01T00:00:00.000Z";
    const next = [
      technique("T1001", { modified, x_mitre_version: "2.0", description: "New." }),
      technique("T1002"),
      technique("T1002.001", { modified, x_mitre_version: "1.1" }),
      technique("T1003", { x_mitre_deprecated: true }),
      technique("T1004", { modified, x_mitre_deprecated: true }),
      technique("T1005", { modified, revoked: true }),
      technique("T1006", { created: modified, modified }),
      relationship("revoked-by", "attack-pattern--T1005", "attack-pattern--T1006"),
    ];
    await loadReleases(store, { "18.1": techniques, "19.0": next });
    const layer = checked(await createChangesLayer(store.reader, { from: "18.1", to: "19.0" }));
    expect(layer).toMatchObject({ name: "Enterprise ATT&CK 18.1 → 19.0", versions: { attack: "19" } });
    expect(layer.techniques.map(({ techniqueID, comment }) => [techniqueID, comment])).toEqual([
      ["T1001", "Changed: major version in 19.0. Version 1.0 → 2.0. Changed fields: description."],
      ["T1002", undefined],
      ["T1002.001", "Changed: minor version in 19.0. Version 1.0 → 1.1."],
      ["T1004", "Deprecated in 19.0. Changed fields: x_mitre_deprecated."],
      ["T1005", "Revoked in 19.0. Changed fields: revoked. Revoked by T1006 name of T1006."],
      ["T1006", "Added in 19.0."],
    ]);
    expect(layer.legendItems.map(({ label }) => label)).toEqual([
      "added",
      "changed: major version",
      "changed: minor version",
      "deprecated",
      "revoked",
    ]);
    expect(await createChangesLayer(store.reader, { domain: "ics-attack" })).toBeUndefined();
    await expect(createChangesLayer(store.reader, { from: "1.0" })).rejects.toThrow(
      "Release 1.0 is not stored",
    );
  });
});

const lacks = mitrePython === undefined ? " (skipped: MITREATTACK_PYTHON is not set)" : "";
test.skipIf(mitrePython === undefined)(
  `layers load in MITRE's own library without a warning${lacks}`,
  async () => {
    const loaded = await loadLayers(mitrePython ?? "", made);
    expect(loaded.map(({ said }) => said).join("")).toBe("");
    expect(loaded.map(({ layer }) => layer?.techniques ?? [])).toMatchObject(
      made.map(({ techniques }) => techniques),
    );
    expect(made.length).toBeGreaterThanOrEqual(5);
  },
);

/** Loads releases of Enterprise ATT&CK that list what they contain. */
async function loadReleases(
  store: Store,
  releases: Readonly<Record<string, readonly { readonly id: string; readonly modified: string }[]>>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "pivot-releases-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const files: string[] = [];
  for (const [version, objects] of Object.entries(releases)) {
    const head = {
      type: "x-mitre-collection",
      id: "x-mitre-collection--1f5f1533-f617-4ca8-9ab4-6a02367fa019",
      name: "Enterprise ATT&CK",
      x_mitre_version: version,
      created: "2018-01-17T12:56:55.080Z",
      modified: `20${version.slice(0, 2)}-10-28T00:00:00.000Z`,
      x_mitre_contents: objects.map(({ id, modified }) => ({ object_ref: id, object_modified: modified })),
    };
    const file = join(folder, `enterprise-attack-${version}.json`);
    await writeFile(file, JSON.stringify({ type: "bundle", id: "bundle--1", objects: [head, ...objects] }));
    files.push(file);
  }
  await loadBundles(store, files, "all");
}
