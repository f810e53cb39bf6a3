import { foldName } from "@cti-connectors/core";
import { findObjects, findObjectsByName } from "../attack/find-objects.js";
import { type AttackName, stixTypeOf } from "../attack/find-related.js";
import { objectTypes } from "../attack/object-types.js";
import type { AttackObject } from "../documents/attack-object.js";
import { type FoundFamily, findFamilies, findFamiliesByValue } from "../links/find-families.js";
import type { Reading } from "../term/parse-term.js";
import { iocFilterOf } from "./find-iocs.js";
import { type FoundVulnerability, findVulnerabilities } from "./find-vulnerabilities.js";
import type { RecentMap } from "./recent-map.js";
import {
  addIocs,
  findStored,
  type IocSummary,
  noIocs,
  type SharedField,
  type SummaryOptions,
  summarizeIndicators,
  summarizeMany,
} from "./summarize-iocs.js";

/** What a reading has found, in short. */
export interface ShortFindings {
  readonly iocs: IocSummary;
  readonly families: readonly FoundFamily[];
  /** What has the name or id in question, and the software that the families are. */
  readonly attack: readonly AttackName[];
  readonly vulnerability?: FoundVulnerability;
}

/** What every block of a batch needs. */
export interface Batch extends SummaryOptions {
  /** IOCs of families and tags, by field and value. */
  readonly shared: RecentMap<IocSummary>;
  /** By Malpedia key. */
  readonly families: RecentMap<FoundFamily>;
}

/** What some readings have found so far. */
interface Finding {
  readonly iocs: IocSummary;
  readonly families: readonly FoundFamily[];
  readonly objects: readonly AttackObject[];
  readonly vulnerability?: FoundVulnerability;
}

type ReadingOf<Kind extends Reading["kind"]> = Extract<Reading, { readonly kind: Kind }>;

/** What is known about many readings, those of a kind asked together. A reading that finds nothing is left out. */
export async function answerReadings(
  batch: Batch,
  readings: readonly Reading[],
): Promise<ReadonlyMap<Reading, ShortFindings>> {
  const found = new Map<Reading, Finding>([
    ...(await findIndicators(batch, readings.filter(isIndicator))),
    ...(await findNetworks(batch, ofKind(readings, "network"))),
    ...(await findVulnerable(batch, ofKind(readings, "cve"))),
    ...(await findKeys(batch, ofKind(readings, "malpedia-key"))),
    ...(await findIds(batch, [...ofKind(readings, "attack-id"), ...ofKind(readings, "stix-id")])),
    ...(await findNames(batch, ofKind(readings, "name"))),
  ]);
  return new Map([...found].map(([reading, finding]) => [reading, shorten(finding)]));
}

function ofKind<Kind extends Reading["kind"]>(
  readings: readonly Reading[],
  kind: Kind,
): readonly ReadingOf<Kind>[] {
  return readings.filter((reading): reading is ReadingOf<Kind> => reading.kind === kind);
}

type IndicatorKind = "address" | "domain" | "url" | "email" | "hash";
const indicatorKinds: ReadonlySet<string> = new Set<IndicatorKind>([
  "address",
  "domain",
  "url",
  "email",
  "hash",
]);

function isIndicator(reading: Reading): reading is ReadingOf<IndicatorKind> {
  return indicatorKinds.has(reading.kind);
}

function shorten({ iocs, families, objects, vulnerability }: Finding): ShortFindings {
  const linked = families.flatMap(({ links }) =>
    links.map(({ stix_id: id, attack_id, name }) => ({ id, attack_id, name, type: stixTypeOf(id) })),
  );
  const named = objects.map(({ id, attack_id, name, type }) => ({ id, attack_id, name, type }));
  const attack = [...new Map([...named, ...linked].map((object) => [object.id, object])).values()];
  return { iocs, families, attack, ...(vulnerability !== undefined && { vulnerability }) };
}

async function findIndicators(batch: Batch, readings: readonly ReadingOf<IndicatorKind>[]) {
  return withFamilies(batch, await summarizeIndicators(batch, readings));
}

async function findNetworks(batch: Batch, readings: readonly ReadingOf<"network">[]) {
  const summaries = new Map<Reading, IocSummary>();
  for (const reading of readings) {
    summaries.set(reading, await summarizeMany(batch, iocFilterOf(reading)));
  }
  return withFamilies(batch, summaries);
}

async function findVulnerable(batch: Batch, readings: readonly ReadingOf<"cve">[]) {
  const known = await findVulnerabilities(
    batch.place,
    readings.map(({ id }) => id),
  );
  const tagged = await summarizeShared(
    batch,
    "folded_tags",
    new Map(readings.map((reading) => [reading, foldName(reading.id)])),
  );
  const found = new Map(await withFamilies(batch, tagged));
  for (const reading of readings) {
    const vulnerability = known.get(reading.id);
    if (vulnerability !== undefined) {
      found.set(reading, { ...(found.get(reading) ?? nothing), vulnerability });
    }
  }
  return found;
}

const nothing: Finding = { iocs: noIocs, families: [], objects: [] };

async function findKeys(batch: Batch, readings: readonly ReadingOf<"malpedia-key">[]) {
  const families = await readFamilies(
    batch,
    readings.map(({ key }) => key),
  );
  const summaries = await summarizeShared(
    batch,
    "malware",
    new Map(readings.map((reading) => [reading, reading.key])),
  );
  const found = new Map<Reading, Finding>();
  for (const reading of readings) {
    const family = families.get(reading.key);
    const iocs = summaries.get(reading);
    if (family !== undefined || iocs !== undefined) {
      found.set(reading, {
        iocs: iocs ?? noIocs,
        families: family === undefined ? [] : [family],
        objects: [],
      });
    }
  }
  return found;
}

async function findIds(batch: Batch, readings: readonly ReadingOf<"attack-id" | "stix-id">[]) {
  const objects = await findObjects(
    { store: batch.place.store },
    readings.map(({ id }) => id),
  );
  const named = readings.map((reading) => ({
    reading,
    families: [],
    objects: objects.filter(({ id, attack_id }) => id === reading.id || attack_id === reading.id),
  }));
  return addSoftware(
    batch,
    named.filter((one) => one.objects.length > 0),
  );
}

async function findNames(batch: Batch, readings: readonly ReadingOf<"name">[]) {
  const { store } = batch.place;
  const folded = readings.map((reading) => reading.folded);
  const families = await findFamiliesByValue(store, "enriched.folded_names", folded);
  const objects = groupByName(await findObjectsByName({ store }, folded));
  const named = readings.map((reading) => ({
    reading,
    families: families.get(reading.folded) ?? [],
    objects: objects.get(reading.folded) ?? [],
  }));
  const isNamed = (one: Named) => one.families.length > 0 || one.objects.length > 0;
  const others = named.filter((one) => !isNamed(one));
  const tagged = await summarizeShared(
    batch,
    "folded_tags",
    new Map(others.map(({ reading }) => [reading, reading.folded])),
  );
  return new Map([
    ...(await addSoftware(batch, named.filter(isNamed))),
    ...(await withFamilies(batch, tagged)),
  ]);
}

function groupByName(objects: readonly AttackObject[]): ReadonlyMap<string, readonly AttackObject[]> {
  const byName = new Map<string, AttackObject[]>();
  for (const object of objects) {
    for (const name of new Set([object.name ?? "", ...object.aliases].map(foldName))) {
      byName.set(name, [...(byName.get(name) ?? []), object]);
    }
  }
  return byName;
}

/** What has the name or id that a reading is. */
interface Named extends Pick<Finding, "families" | "objects"> {
  readonly reading: Reading;
}

/** Adds the families that are the same software as those named, and the IOCs of them all. */
async function addSoftware(batch: Batch, all: readonly Named[]): Promise<ReadonlyMap<Reading, Finding>> {
  const own = await findFamiliesByValue(batch.place.store, "enriched.software_ids", all.flatMap(softwareOf));
  const found = new Map<Reading, Finding>();
  for (const named of all) {
    const same = softwareOf(named).flatMap((id) => own.get(id) ?? []);
    const byKey = new Map([...named.families, ...same].map((family) => [family.malware, family]));
    let iocs = noIocs;
    for (const key of byKey.keys()) {
      iocs = addIocs(iocs, await summarizeOne(batch, "malware", key));
    }
    found.set(named.reading, { iocs, families: [...byKey.values()], objects: named.objects });
  }
  return found;
}

function softwareOf({ families, objects }: Named): readonly string[] {
  const named = objects.filter(({ type }) => objectTypes.software.has(type));
  const linked = families.flatMap(({ links }) => links);
  return [...new Set([...named, ...linked].flatMap(({ attack_id }) => attack_id ?? []))];
}

/** Adds the families that IOCs are of. */
async function withFamilies(
  batch: Batch,
  summaries: ReadonlyMap<Reading, IocSummary>,
): Promise<ReadonlyMap<Reading, Finding>> {
  const families = await readFamilies(
    batch,
    [...summaries.values()].flatMap(({ malware }) => malware),
  );
  const found = new Map<Reading, Finding>();
  for (const [reading, iocs] of summaries) {
    if (iocs.total > 0) {
      const those = iocs.malware.flatMap((key) => families.get(key) ?? []);
      found.set(reading, { iocs, families: those, objects: [] });
    }
  }
  return found;
}

async function readFamilies(
  { place, families }: Batch,
  keys: readonly string[],
): Promise<ReadonlyMap<string, FoundFamily>> {
  const found = new Map<string, FoundFamily>();
  const unknown = new Set<string>();
  for (const key of keys) {
    const family = families.get(key);
    if (family === undefined) {
      unknown.add(key);
    } else {
      found.set(key, family);
    }
  }
  for (const family of await findFamilies(place.store, "_id", [...unknown])) {
    families.set(family.malware, family);
    found.set(family.malware, family);
  }
  return found;
}

/** The IOCs that have a value in a field which many IOCs share. A value that none has is left out. */
async function summarizeShared(
  batch: Batch,
  field: SharedField,
  values: ReadonlyMap<Reading, string>,
): Promise<ReadonlyMap<Reading, IocSummary>> {
  const stored = await findStored(batch.place, field, [...values.values()]);
  const summaries = new Map<Reading, IocSummary>();
  for (const [reading, value] of values) {
    if (stored.has(value)) {
      summaries.set(reading, await summarizeOne(batch, field, value));
    }
  }
  return summaries;
}

async function summarizeOne(batch: Batch, field: SharedField, value: string): Promise<IocSummary> {
  const path = `enriched.${field}`;
  const key = `${path}=${value}`;
  const known = batch.shared.get(key);
  if (known !== undefined) {
    return known;
  }
  const summary = await summarizeMany(batch, { [path]: value });
  batch.shared.set(key, summary);
  return summary;
}
