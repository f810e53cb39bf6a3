import { type FoundIoc, foundIocProjection, readFoundIoc } from "../documents/found-ioc.js";
import type { Reading } from "../term/parse-term.js";
import type { LookupPlace } from "./lookup-place.js";

/** IOCs of an answer. */
export interface FoundIocs {
  /** How many there are. */
  readonly total: number;
  /** Those first seen last, newest first. */
  readonly newest: readonly FoundIoc[];
}

export interface FindIocsOptions {
  /** How many IOCs to return. */
  readonly limit: number;
  readonly now: Date;
}

/** A MongoDB filter that an index answers. */
export type IocFilter = Readonly<Record<string, unknown>>;

/** The IOCs that match a filter: how many, and the newest. */
export async function findIocs(
  { store, iocs = "threatfox_raw" }: LookupPlace,
  filter: IocFilter,
  { limit, now }: FindIocsOptions,
): Promise<FoundIocs> {
  const newest: FoundIoc[] = [];
  const options = { projection: foundIocProjection, sort: { "enriched.first_seen": -1 }, limit } as const;
  for await (const document of store.find(iocs, filter, options)) {
    newest.push(readFoundIoc(document, now));
  }
  const total = newest.length < limit ? newest.length : await store.count(iocs, filter);
  return { total, newest };
}

/** An indicator among the readings of a term. */
export type IndicatorReading = Extract<
  Reading,
  { readonly kind: "address" | "network" | "domain" | "url" | "email" | "hash" }
>;

/** The filter for the IOCs that an indicator means: a domain with what is below it, a network with every address in it. */
export function iocFilterOf(reading: IndicatorReading): IocFilter {
  switch (reading.kind) {
    case "address":
      return { "enriched.indicator.host": reading.host };
    case "network":
      return { "enriched.indicator.address": { $gte: reading.range.from, $lte: reading.range.to } };
    case "domain":
      return filterBelow(reading.reversed);
    case "url":
    case "email":
      return { "enriched.indicator.value": reading.value };
    case "hash":
      return { "enriched.indicator.value": { $in: reading.values } };
  }
}

/**
 * The filter for the IOCs at and below a domain.
 *
 * @param reversed such as `com.example.`
 */
export function filterBelow(reversed: string): IocFilter {
  // Behind the dot at its end comes the slash.
  return { "enriched.indicator.reversed_domain": { $gte: reversed, $lt: `${reversed.slice(0, -1)}/` } };
}
