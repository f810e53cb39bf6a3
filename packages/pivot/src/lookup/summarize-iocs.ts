import { listsOfIds } from "@cti-connectors/core";
import {
  type BriefIoc,
  type IndexedIoc,
  indexedIocProjection,
  readIndexedIoc,
} from "../documents/brief-ioc.js";
import type { FoundIoc } from "../documents/found-ioc.js";
import { findNewestIocs, type IocCount } from "./find-iocs.js";
import { findStored } from "./find-stored.js";
import { anyValueFilterOf, type IocKey, iocFilterOf } from "./ioc-key.js";
import type { LookupPlace } from "./lookup-place.js";
import type { RecentMap } from "./recent-map.js";

/** IOCs in short. */
export interface IocSummary extends IocCount {
  /** The IOC with the latest `first_seen`. Absent if there is none. */
  readonly newest?: BriefIoc;
  /** Malpedia keys of their families; if there are too many to count, of the newest 20. */
  readonly malware: readonly string[];
}

export const noIocs: IocSummary = { total: 0, total_is_exact: true, malware: [] };

/** What IOCs are counted up to. */
const mostCounted = 1_000;
/** How many IOCs are read where there may be too many to read all. */
const readNewest = 20;

/** Both together. */
function addIocs(one: IocSummary, other: IocSummary): IocSummary {
  const newest =
    one.newest === undefined || (other.newest !== undefined && isNewer(other.newest, one.newest))
      ? other.newest
      : one.newest;
  return {
    total: one.total + other.total,
    total_is_exact: one.total_is_exact && other.total_is_exact,
    ...(newest !== undefined && { newest }),
    malware: [...new Set([...one.malware, ...other.malware])],
  };
}

function isNewer(one: BriefIoc, other: BriefIoc): boolean {
  return (one.first_seen?.getTime() ?? 0) > (other.first_seen?.getTime() ?? 0);
}

/** Where IOCs are summarised, and what is known of them. */
export interface SummaryOptions {
  readonly place: LookupPlace;
  readonly now: Date;
  /** By field and value. */
  readonly summaries: RecentMap<IocSummary>;
  /** Keeps the newest 20 IOCs of each summary that was made from them, by field and value. Absent: they are not kept. */
  readonly newest?: Map<string, readonly FoundIoc[]>;
}

/** @returns the summary of the IOCs that have any of some keys */
type SummaryOf = (keys: readonly IocKey[]) => IocSummary;

/** Summarises the IOCs of many keys, those of a field together. */
export async function summarizeIocs(options: SummaryOptions, keys: readonly IocKey[]): Promise<SummaryOf> {
  const found = new Map<string, IocSummary>();
  const open = new Map<string, IocKey>();
  for (const key of keys) {
    const known = options.summaries.get(nameOf(key));
    if (known === undefined) {
      open.set(nameOf(key), key);
    } else {
      found.set(nameOf(key), known);
    }
  }
  for (const [key, summary] of await summarizeNew(options, [...open.values()])) {
    options.summaries.set(nameOf(key), summary);
    found.set(nameOf(key), summary);
  }
  return (some) => some.flatMap((key) => found.get(nameOf(key)) ?? []).reduce(addIocs, noIocs);
}

function nameOf({ field, value }: IocKey): string {
  return `${field}=${value}`;
}

/** The newest IOCs of some keys, newest first: those that were read for a summary, if these are enough. */
export async function readNewestIocs(
  { place, now, newest }: SummaryOptions,
  keys: readonly IocKey[],
  limit: number,
): Promise<readonly FoundIoc[]> {
  const [only, ...others] = keys;
  const read = only === undefined || others.length > 0 ? undefined : newest?.get(nameOf(only));
  const isEnough = read !== undefined && (read.length >= limit || read.length < readNewest);
  return isEnough ? read.slice(0, limit) : findNewestIocs(place, keys, { limit, now });
}

type Summaries = readonly (readonly [IocKey, IocSummary])[];

/** Few IOCs have the same value in these: many values are asked for together. */
const ownFields = ["id", "value", "host", "domain"] as const;
/** Very many can have the same value in these: each is asked for alone. */
const sharedFields = ["malware", "folded_tags"] as const;

/** A key that no IOC has is left out. */
async function summarizeNew(options: SummaryOptions, keys: readonly IocKey[]): Promise<Summaries> {
  const valuesOf = (field: IocKey["field"]) =>
    keys.filter((key) => key.field === field).map(({ value }) => value);
  const summaries: (readonly [IocKey, IocSummary])[] = [];
  for (const field of ownFields) {
    for (const some of listsOfIds(valuesOf(field))) {
      summaries.push(...(await summarizeTogether(options, field, some)));
    }
  }
  const alone = keys.filter(({ field }) => field === "network");
  for (const field of sharedFields) {
    const stored = await findStored(options.place, field, valuesOf(field));
    alone.push(...stored.map((value) => ({ field, value })));
  }
  for (const key of alone) {
    const summary = await summarizeAlone(options, key);
    summaries.push(...(summary.total > 0 ? [[key, summary] as const] : []));
  }
  return summaries;
}

type OwnField = (typeof ownFields)[number];

/** Reads the IOCs of some values. If these are too many, it divides the values until it has the one that they belong to. */
async function summarizeTogether(
  options: SummaryOptions,
  field: OwnField,
  values: readonly string[],
): Promise<Summaries> {
  const { place, now } = options;
  const { store, iocs = "threatfox_raw" } = place;
  const [only = "", ...others] = values;
  if (others.length === 0) {
    const key = { field, value: only };
    const { total_is_exact } = await countIocs(place, key);
    if (!total_is_exact) {
      return [[key, await summarizeAlone(options, key, true)]];
    }
  }
  const asked = new Set(values);
  const tallies = new Map<string, Tally>();
  const most = { projection: indexedIocProjection, limit: mostCounted + 1 };
  let read = 0;
  for await (const document of store.find(iocs, anyValueFilterOf(field, values), most)) {
    const found = readIndexedIoc(document, now);
    for (const value of valuesIn[field](found).filter((one) => asked.has(one))) {
      tallies.set(value, count(found.ioc, tallies.get(value)));
    }
    read += 1;
  }
  if (read <= mostCounted) {
    return [...tallies].map(([value, tally]) => [{ field, value }, summaryOf(tally)]);
  }
  const half = Math.ceil(values.length / 2);
  return [
    ...(await summarizeTogether(options, field, values.slice(0, half))),
    ...(await summarizeTogether(options, field, values.slice(half))),
  ];
}

const valuesIn: Readonly<Record<OwnField, (ioc: IndexedIoc) => readonly string[]>> = {
  id: ({ id }) => [id],
  value: ({ ioc }) => [ioc.value],
  host: ({ host }) => (host === null ? [] : [host]),
  domain: ({ reversed_domain = "" }) => startsOf(reversed_domain),
};

/** `com.`, `com.example.` and `com.example.www.` of `com.example.www.` */
function startsOf(reversed: string): readonly string[] {
  const starts: string[] = [];
  for (let dot = reversed.indexOf("."); dot >= 0; dot = reversed.indexOf(".", dot + 1)) {
    starts.push(reversed.slice(0, dot + 1));
  }
  return starts;
}

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

function summaryOf({ malware, ...tally }: Tally): IocSummary {
  return { ...tally, total_is_exact: true, malware: [...malware] };
}

/** Reads the newest IOCs of a key, and counts the others unless there are `tooMany`. */
async function summarizeAlone(
  { place, now, ...options }: SummaryOptions,
  key: IocKey,
  tooMany = false,
): Promise<IocSummary> {
  const newest = await findNewestIocs(place, [key], { limit: readNewest, now });
  options.newest?.set(nameOf(key), newest);
  const [first] = newest;
  if (first === undefined) {
    return noIocs;
  }
  const { value, malware, confidence, first_seen, last_seen, expired } = first;
  return {
    ...(tooMany ? atLeastCounted : await countUnlessAll(place, key, newest.length)),
    newest: { value, malware, confidence, first_seen, last_seen, expired },
    malware: [...new Set(newest.flatMap((ioc) => ioc.malware ?? []))],
  };
}

const atLeastCounted: IocCount = { total: mostCounted, total_is_exact: false };

/** @param read how many IOCs of the key have been read, up to `readNewest` */
async function countUnlessAll(place: LookupPlace, key: IocKey, read: number): Promise<IocCount> {
  return read < readNewest ? { total: read, total_is_exact: true } : countIocs(place, key);
}

async function countIocs({ store, iocs = "threatfox_raw" }: LookupPlace, key: IocKey): Promise<IocCount> {
  const total = await store.count(iocs, iocFilterOf(key), { limit: mostCounted + 1 });
  return total > mostCounted ? atLeastCounted : { total, total_is_exact: true };
}
