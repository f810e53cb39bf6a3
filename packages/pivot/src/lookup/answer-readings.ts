import { foldName } from "@cti-connectors/core";
import type { AttackView } from "../attack/attack-view.js";
import { findObjects, findObjectsByName } from "../attack/find-objects.js";
import { objectTypes } from "../attack/object-types.js";
import type { AttackObject } from "../documents/attack-object.js";
import { type FoundFamily, findFamilies, findFamiliesByValue } from "../links/find-families.js";
import type { Reading } from "../term/parse-term.js";
import { type FoundVulnerability, findVulnerabilities } from "./find-vulnerabilities.js";
import { type IocKey, iocKeysOf, type Named } from "./ioc-key.js";
import { createRecentMap, type RecentMap } from "./recent-map.js";
import { type IocSummary, type SummaryOptions, summarizeIocs } from "./summarize-iocs.js";

/** What a reading has found. */
export interface Finding extends Named {
  /** Which IOCs these are. */
  readonly keys: readonly IocKey[];
  readonly iocs: IocSummary;
  readonly vulnerability?: FoundVulnerability;
}

/** What every question of a lookup needs. */
export interface Lookup extends SummaryOptions {
  readonly view: AttackView;
  /** Whether the IOCs below a domain belong to it. */
  readonly subdomains: boolean;
  /** By Malpedia key. */
  readonly families: RecentMap<FoundFamily>;
}

/** How many answers are remembered. */
export const remembered = 10_000;

export function openLookup(options: Omit<Lookup, "summaries" | "families">): Lookup {
  return { ...options, summaries: createRecentMap(remembered), families: createRecentMap(remembered) };
}

/** What is known about some readings, those of a kind asked together. A reading that finds nothing is left out. */
export async function answerReadings(
  lookup: Lookup,
  readings: readonly Reading[],
): Promise<ReadonlyMap<Reading, Finding>> {
  const named = await findNamed(lookup, readings);
  const vulnerabilities = await findVulnerabilities(
    lookup.place,
    ofKind(readings, "cve").map(({ id }) => id),
  );
  const asked = readings.map((reading) => {
    const names = named.get(reading) ?? nothing;
    return { reading, names, keys: iocKeysOf(reading, names, lookup.subdomains) };
  });
  const summaryOf = await summarizeIocs(
    lookup,
    asked.flatMap(({ keys }) => keys),
  );
  const summarized = asked.map((one) => ({ ...one, iocs: summaryOf(one.keys) }));
  const families = await readFamilies(
    lookup,
    summarized.flatMap(({ iocs }) => iocs.malware),
  );
  const found = new Map<Reading, Finding>();
  for (const { reading, names, keys, iocs } of summarized) {
    const vulnerability = reading.kind === "cve" ? vulnerabilities.get(reading.id) : undefined;
    const finding = {
      ...{ keys, iocs, objects: names.objects },
      families: uniqueFamilies([
        ...names.families,
        ...iocs.malware.flatMap((key) => families.get(key) ?? []),
      ]),
      ...(vulnerability !== undefined && { vulnerability }),
    };
    if (isAnything(finding)) {
      found.set(reading, finding);
    }
  }
  return found;
}

function isAnything({ iocs, families, objects, vulnerability }: Finding): boolean {
  return iocs.total > 0 || families.length > 0 || objects.length > 0 || vulnerability !== undefined;
}

function ofKind<Kind extends Reading["kind"]>(readings: readonly Reading[], ...kinds: readonly Kind[]) {
  const asked: ReadonlySet<string> = new Set(kinds);
  return readings.filter((reading): reading is Extract<Reading, { readonly kind: Kind }> =>
    asked.has(reading.kind),
  );
}

const nothing: Named = { families: [], objects: [] };

/** What has the names and ids among some readings. */
async function findNamed(lookup: Lookup, readings: readonly Reading[]): Promise<ReadonlyMap<Reading, Named>> {
  const keys = ofKind(readings, "malpedia-key");
  const byKey = await readFamilies(
    lookup,
    keys.map(({ key }) => key),
  );
  return new Map<Reading, Named>([
    ...keys.map(
      (reading) => [reading, { families: [byKey.get(reading.key) ?? []].flat(), objects: [] }] as const,
    ),
    ...(await withSameSoftware(lookup, [
      ...(await findIds(lookup, ofKind(readings, "attack-id", "stix-id"))),
      ...(await findNames(lookup, ofKind(readings, "name"))),
    ])),
  ]);
}

type NamedReading = readonly [Reading, Named];

async function findIds(
  { view }: Lookup,
  readings: readonly Extract<Reading, { readonly kind: "attack-id" | "stix-id" }>[],
): Promise<readonly NamedReading[]> {
  const found = await findObjects(
    view,
    readings.map(({ id }) => id),
  );
  return readings.map((reading) => [
    reading,
    {
      families: [],
      objects: found.filter(({ id, attack_id }) => id === reading.id || attack_id === reading.id),
    },
  ]);
}

async function findNames(
  { view }: Lookup,
  readings: readonly Extract<Reading, { readonly kind: "name" }>[],
): Promise<readonly NamedReading[]> {
  const folded = readings.map((reading) => reading.folded);
  const families = await findFamiliesByValue(view.store, "enriched.folded_names", folded);
  const objects = groupByName(await findObjectsByName(view, folded));
  return readings.map((reading) => [
    reading,
    { families: families.get(reading.folded) ?? [], objects: objects.get(reading.folded) ?? [] },
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

/** Adds the families that are the same software as what was named. */
async function withSameSoftware(
  { view }: Lookup,
  all: readonly NamedReading[],
): Promise<readonly NamedReading[]> {
  const ids = all.flatMap(([, named]) => softwareOf(named));
  const families = await findFamiliesByValue(view.store, "enriched.software_ids", ids);
  return all.map(([reading, named]) => {
    const same = softwareOf(named).flatMap((id) => families.get(id) ?? []);
    return [reading, { ...named, families: uniqueFamilies([...named.families, ...same]) }];
  });
}

function softwareOf({ families, objects }: Named): readonly string[] {
  const named = objects.filter(({ type }) => objectTypes.software.has(type));
  const linked = families.flatMap(({ links }) => links);
  return [...new Set([...named, ...linked].flatMap(({ attack_id }) => attack_id ?? []))];
}

export function uniqueFamilies(families: readonly FoundFamily[]): readonly FoundFamily[] {
  return [...new Map(families.map((family) => [family.malware, family])).values()];
}

async function readFamilies(
  { place, families }: Lookup,
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
