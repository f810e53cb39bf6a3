import type { StoreReader } from "@cti-connectors/core";
import { type CountDay, countRecentIocs, dayMs, type RecentIocCount } from "./count-recent-iocs.js";

export interface DailyIocsOptions {
  /** The collection of IOCs: the setting COLLECTION_NAME. Default `threatfox_raw`. */
  readonly iocs?: string;
  /** How many days, today included. */
  readonly days: number;
  /** What a series is of: a malware family, or ThreatFox's `ioc_type`. */
  readonly by: "malware" | "type";
  /** How many series. Default 10. */
  readonly largest?: number;
  readonly now: Date;
  /** Counts whole days. Default: it reads their IOCs. */
  readonly countDay?: CountDay;
}

/** How many IOCs were first seen each day, in UTC. */
export interface DailyIocs {
  /** Such as `2026-11-28`, oldest first. */
  readonly days: readonly string[];
  /** Those with the most IOCs, the largest first. */
  readonly series: readonly IocSeries[];
  /** All others, and IOCs without a family or type. */
  readonly other: readonly number[];
}

export interface IocSeries {
  /** Malpedia key, or the type. */
  readonly key: string;
  readonly name: string;
  /** One for each day. */
  readonly counts: readonly number[];
}

/** Counts IOCs by the day of `first_seen`, and by family or type. Reads the IOCs of these days, and nothing else. */
export async function countDailyIocs(
  store: StoreReader,
  { iocs = "threatfox_raw", days, by, largest = 10, now, countDay }: DailyIocsOptions,
): Promise<DailyIocs> {
  const today = Math.floor(now.getTime() / dayMs);
  const first = today - days + 1;
  const tallies = new Map<string, { readonly name: string; readonly counts: number[] }>();
  const other = Array.from({ length: days }, () => 0);
  const span = { since: new Date(first * dayMs), until: now };
  for (const counted of await countRecentIocs(store, iocs, span, countDay)) {
    const { key, name } = groupOf(counted, by);
    const day = counted.day - first;
    const known = key === null ? undefined : tallies.get(key);
    const counts = key === null ? other : (known?.counts ?? other.map(() => 0));
    counts[day] = (counts[day] ?? 0) + counted.count;
    if (key !== null && known === undefined) {
      tallies.set(key, { name: name ?? key, counts });
    }
  }
  const sorted = [...tallies]
    .map(([key, { name, counts }]) => ({ key, name, counts }))
    .sort((one, other) => sum(other.counts) - sum(one.counts) || (one.key < other.key ? -1 : 1));
  return {
    days: other.map((_, index) => new Date((first + index) * dayMs).toISOString().slice(0, 10)),
    series: sorted.slice(0, largest),
    other: other.map((count, day) =>
      sorted.slice(largest).reduce((total, { counts }) => total + (counts[day] ?? 0), count),
    ),
  };
}

function groupOf({ type, malware, malware_name }: RecentIocCount, by: DailyIocsOptions["by"]) {
  return by === "type" ? { key: type, name: type } : { key: malware, name: malware_name };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
