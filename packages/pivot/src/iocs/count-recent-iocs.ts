import type { StoreReader } from "@cti-connectors/core";
import { type RecentIoc, readRecentIocs } from "./read-recent-iocs.js";

/** How many IOCs of a family and type were first seen on a day. */
export interface RecentIocCount extends Omit<RecentIoc, "first_seen"> {
  /** Days since 1970, in UTC. */
  readonly day: number;
  /** The first of them. */
  readonly first_seen: Date;
  readonly count: number;
}

/** Counts the IOCs of a whole day. */
export type CountDay = (day: number) => Promise<readonly RecentIocCount[]>;

/** Both ends belong to it. */
export interface TimeSpan {
  readonly since: Date;
  readonly until: Date;
}

export const dayMs = 86_400_000;

/**
 * Counts the IOCs that were first seen in a span of time, by day, family and type. Reads the IOCs of this time, and nothing else.
 *
 * @param countDay counts whole days. Default: it reads them
 */
export async function countRecentIocs(
  store: StoreReader,
  collection: string,
  { since, until }: TimeSpan,
  countDay: CountDay = (day) => countIocsOfDays(store, collection, day, day),
): Promise<readonly RecentIocCount[]> {
  const counts: RecentIocCount[] = [];
  const last = Math.floor(until.getTime() / dayMs);
  for (let day = Math.floor(since.getTime() / dayMs); day <= last; day += 1) {
    const span = { since: latest(since, new Date(day * dayMs)), until: earliest(until, endOf(day)) };
    const isWhole = span.since.getTime() === day * dayMs && span.until.getTime() === endOf(day).getTime();
    counts.push(...(isWhole ? await countDay(day) : await countIocs(store, collection, span)));
  }
  return counts;
}

/** Counts the IOCs of some days by reading them. */
export function countIocsOfDays(
  store: StoreReader,
  collection: string,
  first: number,
  last: number,
): Promise<readonly RecentIocCount[]> {
  return countIocs(store, collection, { since: new Date(first * dayMs), until: endOf(last) });
}

async function countIocs(
  store: StoreReader,
  collection: string,
  span: TimeSpan,
): Promise<readonly RecentIocCount[]> {
  const counts = new Map<string, RecentIocCount>();
  for await (const ioc of readRecentIocs(store, collection, span)) {
    const day = Math.floor(ioc.first_seen.getTime() / dayMs);
    const key = JSON.stringify([day, ioc.malware, ioc.type]);
    const known = counts.get(key);
    counts.set(key, {
      ...(known ?? { ...ioc, day }),
      first_seen: earliest(known?.first_seen ?? ioc.first_seen, ioc.first_seen),
      count: (known?.count ?? 0) + 1,
    });
  }
  return [...counts.values()];
}

/** Times are stored to the millisecond. */
function endOf(day: number): Date {
  return new Date((day + 1) * dayMs - 1);
}

function latest(one: Date, other: Date): Date {
  return one > other ? one : other;
}

function earliest(one: Date, other: Date): Date {
  return one < other ? one : other;
}
