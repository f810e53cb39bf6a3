import { type FoundIoc, foundIocProjection, readFoundIoc } from "../documents/found-ioc.js";
import { type IocKey, sortableFiltersOf } from "./ioc-key.js";
import type { LookupPlace } from "./lookup-place.js";

/** How many IOCs there are. Counting ends at a limit: some tags have more than a million. */
export interface IocCount {
  /** How many there are; how many were counted, if `total_is_exact` is false. */
  readonly total: number;
  /** False: there are more than `total`. */
  readonly total_is_exact: boolean;
}

/** IOCs of an answer. */
export interface FoundIocs extends IocCount {
  /** Those first seen last, newest first. */
  readonly newest: readonly FoundIoc[];
}

export interface FindIocsOptions {
  /** How many IOCs to return. */
  readonly limit: number;
  readonly now: Date;
}

/** The newest IOCs that have any of some keys, newest first. */
export async function findNewestIocs(
  { store, iocs = "threatfox_raw" }: LookupPlace,
  keys: readonly IocKey[],
  { limit, now }: FindIocsOptions,
): Promise<readonly FoundIoc[]> {
  const options = { projection: foundIocProjection, sort: { "enriched.first_seen": -1 }, limit } as const;
  const found: FoundIoc[] = [];
  // An index has an order for one value only.
  for (const filter of keys.flatMap(sortableFiltersOf)) {
    for await (const document of store.find(iocs, filter, options)) {
      found.push(readFoundIoc(document, now));
    }
  }
  return found.sort((one, other) => timeOf(other) - timeOf(one)).slice(0, limit);
}

function timeOf({ first_seen }: FoundIoc): number {
  return first_seen?.getTime() ?? 0;
}
