import { listsOfIds } from "@cti-connectors/core";
import { z } from "zod";
import {
  type BriefIoc,
  type IndexedIoc,
  indexedIocProjection,
  readIndexedIoc,
} from "../documents/brief-ioc.js";
import { filterBelow, findIocs, type IndicatorReading, type IocFilter } from "./find-iocs.js";
import type { LookupPlace } from "./lookup-place.js";

/** IOCs in short. */
export interface IocSummary {
  /** How many there are. */
  readonly total: number;
  /** The IOC with the latest `first_seen`. Absent if there is none. */
  readonly newest?: BriefIoc;
  /** Malpedia keys of their families. */
  readonly malware: readonly string[];
}

export const noIocs: IocSummary = { total: 0, malware: [] };

/** Both together. */
export function addIocs(one: IocSummary, other: IocSummary): IocSummary {
  const newest =
    one.newest === undefined || (other.newest !== undefined && isNewer(other.newest, one.newest))
      ? other.newest
      : one.newest;
  return {
    total: one.total + other.total,
    ...(newest !== undefined && { newest }),
    malware: [...new Set([...one.malware, ...other.malware])],
  };
}

function isNewer(one: BriefIoc, other: BriefIoc): boolean {
  return (one.first_seen?.getTime() ?? 0) > (other.first_seen?.getTime() ?? 0);
}

/** Where IOCs are summarised, and whether those below a domain belong to it. */
export interface SummaryOptions {
  readonly place: LookupPlace;
  readonly now: Date;
  readonly subdomains: boolean;
}

/** Indicators that are no network. */
type ExactReading = Exclude<IndicatorReading, { readonly kind: "network" }>;

/** A question that many values ask together: of the IOCs in the answer, each has the values in `keysOf` among those asked for. */
interface Question {
  readonly filterOf: (values: string[]) => IocFilter;
  readonly keysOf: (ioc: IndexedIoc) => readonly string[];
}

const byValue: Question = {
  filterOf: (values) => ({ "enriched.indicator.value": { $in: values } }),
  keysOf: ({ ioc }) => [ioc.value],
};
const byHost: Question = {
  filterOf: (values) => ({ "enriched.indicator.host": { $in: values } }),
  keysOf: ({ host }) => (host === null ? [] : [host]),
};
const byDomain: Question = {
  filterOf: (values) => ({ $or: values.map(filterBelow) }),
  keysOf: ({ reversed_domain = "" }) => startsOf(reversed_domain),
};

/** `com.`, `com.example.` and `com.example.www.` of `com.example.www.` */
function startsOf(reversed: string): readonly string[] {
  const starts: string[] = [];
  for (let dot = reversed.indexOf("."); dot >= 0; dot = reversed.indexOf(".", dot + 1)) {
    starts.push(reversed.slice(0, dot + 1));
  }
  return starts;
}

function questionOf(reading: ExactReading, subdomains: boolean): readonly [Question, readonly string[]] {
  switch (reading.kind) {
    case "address":
      return [byHost, [reading.host]];
    case "domain":
      return subdomains ? [byDomain, [reading.reversed]] : [byHost, [reading.host]];
    case "url":
    case "email":
      return [byValue, [reading.value]];
    case "hash":
      return [byValue, reading.values];
  }
}

/** The IOCs of many indicators. One that has none is left out. Asks for up to 200 indicators of a kind at once. */
export async function summarizeIndicators(
  options: SummaryOptions,
  readings: readonly ExactReading[],
): Promise<ReadonlyMap<ExactReading, IocSummary>> {
  const asked = readings.map((reading) => {
    const [question, values] = questionOf(reading, options.subdomains);
    return { reading, question, values };
  });
  const found = new Map<ExactReading, IocSummary>();
  for (const question of [byValue, byHost, byDomain]) {
    const those = asked.filter((one) => one.question === question);
    const summaries = await summarizeAll(
      options,
      question,
      those.flatMap(({ values }) => values),
    );
    for (const { reading, values } of those) {
      const summary = values.flatMap((value) => summaries.get(value) ?? []).reduce(addIocs, noIocs);
      if (summary.total > 0) {
        found.set(reading, summary);
      }
    }
  }
  return found;
}

async function summarizeAll(
  { place: { store, iocs = "threatfox_raw" }, now }: SummaryOptions,
  { filterOf, keysOf }: Question,
  values: readonly string[],
): Promise<ReadonlyMap<string, IocSummary>> {
  const tallies = new Map<string, Tally>();
  for (const some of listsOfIds([...new Set(values)])) {
    const asked = new Set(some);
    for await (const document of store.find(iocs, filterOf(some), { projection: indexedIocProjection })) {
      const found = readIndexedIoc(document, now);
      for (const key of keysOf(found).filter((value) => asked.has(value))) {
        tallies.set(key, count(found.ioc, tallies.get(key)));
      }
    }
  }
  return new Map([...tallies].map(([key, tally]) => [key, { ...tally, malware: [...tally.malware] }]));
}

/** Counts the IOCs of a family, tag or network: there can be hundreds of thousands. Only the newest say which families they belong to. */
export async function summarizeMany({ place, now }: SummaryOptions, filter: IocFilter): Promise<IocSummary> {
  const { total, newest } = await findIocs(place, filter, { limit: 20, now });
  const malware = [...new Set(newest.flatMap((ioc) => ioc.malware ?? []))];
  const [first] = newest;
  if (first === undefined) {
    return noIocs;
  }
  const { value, confidence, first_seen, last_seen, expired } = first;
  return {
    total,
    newest: { value, malware: first.malware, confidence, first_seen, last_seen, expired },
    malware,
  };
}

/** A field that many IOCs have the same value in. */
export type SharedField = "malware" | "folded_tags";

const sharedFields = z.object({
  enriched: z.object({
    malware: z.string().nullish(),
    folded_tags: z.array(z.string()).optional(),
  }),
});
const readAtOnce = 100;

/** Which of some values any IOC has. Reads a hundred IOCs at a time, until each value is found or known to be missing. */
export async function findStored(
  { store, iocs = "threatfox_raw" }: LookupPlace,
  field: SharedField,
  values: readonly string[],
): Promise<ReadonlySet<string>> {
  const path = `enriched.${field}`;
  const options = { projection: { [path]: 1 }, limit: readAtOnce } as const;
  const stored = new Set<string>();
  for (const some of listsOfIds([...new Set(values)])) {
    let read = readAtOnce;
    while (read === readAtOnce) {
      const missing = some.filter((value) => !stored.has(value));
      read = 0;
      for await (const document of store.find(iocs, { [path]: { $in: missing } }, options)) {
        read += 1;
        for (const value of [sharedFields.parse(document).enriched[field] ?? []].flat()) {
          stored.add(value);
        }
      }
    }
  }
  return stored;
}

/** A value can have many thousands of IOCs: they are counted and not kept. */
interface Tally {
  total: number;
  newest: BriefIoc;
  readonly malware: Set<string>;
}

function count(ioc: BriefIoc, tally: Tally = { total: 0, newest: ioc, malware: new Set() }): Tally {
  tally.total += 1;
  if (isNewer(ioc, tally.newest)) {
    tally.newest = ioc;
  }
  if (ioc.malware !== null) {
    tally.malware.add(ioc.malware);
  }
  return tally;
}
