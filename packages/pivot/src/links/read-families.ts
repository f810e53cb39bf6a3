import type { StoreReader } from "@cti-connectors/core";
import {
  type MalwareFamily,
  readFamilyOfIoc,
  readLinkedFamily,
  readListedFamily,
} from "../documents/stored-family.js";

/** The families that ThreatFox lists now. */
export async function readListedFamilies(store: StoreReader): Promise<readonly MalwareFamily[]> {
  const families: MalwareFamily[] = [];
  for await (const document of store.find("threatfox_malware", { removed_at: null }, { projection })) {
    families.push(readListedFamily(document));
  }
  return families;
}

/** The families that links are stored of. */
export async function readLinkedFamilies(store: StoreReader): Promise<readonly MalwareFamily[]> {
  const families: MalwareFamily[] = [];
  for await (const document of store.find(
    "malware_links",
    { removed_at: null },
    { projection: { data: 1 } },
  )) {
    families.push(readLinkedFamily(document));
  }
  return families;
}

const projection = { enriched: 1 } as const;
const fieldsOfIoc = {
  "enriched.malware": 1,
  "enriched.malware_name": 1,
  "enriched.aliases": 1,
} as const;

/**
 * Every family that an IOC has, by its first IOC: one `find` per family, each of which reads one document by the index on
 * `enriched.malware`.
 */
export async function walkFamiliesOfIocs(
  store: StoreReader,
  collection: string,
): Promise<readonly MalwareFamily[]> {
  const families: MalwareFamily[] = [];
  let last = "";
  for (let isMore = true; isMore; ) {
    isMore = false;
    const next = store.find(
      collection,
      { "enriched.malware": { $gt: last } },
      { projection: fieldsOfIoc, sort: { "enriched.malware": 1 }, limit: 1 },
    );
    for await (const document of next) {
      const family = readFamilyOfIoc(document);
      families.push(family);
      last = family.malware;
      isMore = true;
    }
  }
  return families;
}

/** More new IOCs than this take longer than a walk over all families. */
const mostNewIocs = 20_000;

/**
 * The families of IOCs that were stored or changed since a time.
 *
 * @returns undefined where they are too many to read one by one
 */
export async function readFamiliesOfNewIocs(
  store: StoreReader,
  collection: string,
  since: Date,
): Promise<readonly MalwareFamily[] | undefined> {
  const families = new Map<string, MalwareFamily>();
  let read = 0;
  const fresh = store.find(
    collection,
    { ingested_at: { $gte: since }, "enriched.malware": { $gt: "" } },
    { projection: fieldsOfIoc, limit: mostNewIocs + 1 },
  );
  for await (const document of fresh) {
    const family = readFamilyOfIoc(document);
    families.set(family.malware, families.get(family.malware) ?? family);
    read += 1;
  }
  return read > mostNewIocs ? undefined : [...families.values()];
}

/** When an IOC was last stored or changed; undefined where there is none. */
export async function findNewestIoc(store: StoreReader, collection: string): Promise<Date | undefined> {
  const newest = store.find(
    collection,
    {},
    { projection: { ingested_at: 1 }, sort: { ingested_at: -1 }, limit: 1 },
  );
  for await (const { ingested_at } of newest) {
    return ingested_at instanceof Date ? ingested_at : undefined;
  }
  return undefined;
}
