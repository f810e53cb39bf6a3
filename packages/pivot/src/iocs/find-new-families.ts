import type { StoreReader } from "@cti-connectors/core";
import { type CountDay, countRecentIocs } from "./count-recent-iocs.js";

export interface NewFamiliesOptions {
  /** The collection of IOCs: the setting COLLECTION_NAME. Default `threatfox_raw`. */
  readonly iocs?: string;
  readonly since: Date;
  readonly limit: number;
  readonly now: Date;
  /** Counts whole days. Default: it reads their IOCs. */
  readonly countDay?: CountDay;
}

/** A malware family that was not seen before. */
export interface NewFamily {
  /** Malpedia key. */
  readonly malware: string;
  readonly name: string;
  /** When the first of its IOCs was first seen. */
  readonly first_seen: Date;
  /** How many IOCs of it were first seen since then. */
  readonly iocs: number;
}

interface Tally {
  readonly name: string;
  first_seen: Date;
  iocs: number;
}

/**
 * The malware families of which no IOC is stored from before a time, those seen last first. Reads the IOCs since that time, and looks for an older one
 * of each of their families.
 */
export async function findNewFamilies(
  store: StoreReader,
  { iocs = "threatfox_raw", since, limit, now, countDay }: NewFamiliesOptions,
): Promise<readonly NewFamily[]> {
  const seen = new Map<string, Tally>();
  const counts = await countRecentIocs(store, iocs, { since, until: now }, countDay);
  for (const { malware, malware_name, first_seen, count } of counts) {
    if (malware === null) {
      continue;
    }
    const tally = seen.get(malware) ?? { name: malware_name ?? malware, first_seen, iocs: 0 };
    tally.iocs += count;
    if (first_seen < tally.first_seen) {
      tally.first_seen = first_seen;
    }
    seen.set(malware, tally);
  }
  const found: NewFamily[] = [];
  const latestFirst = [...seen].sort(
    ([, one], [, other]) => other.first_seen.getTime() - one.first_seen.getTime(),
  );
  for (const [malware, tally] of latestFirst) {
    const older = { "enriched.malware": malware, "enriched.first_seen": { $lt: since } };
    if (found.length < limit && !(await store.exists(iocs, older))) {
      found.push({ malware, ...tally });
    }
  }
  return found;
}
