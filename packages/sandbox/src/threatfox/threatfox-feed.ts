import { lastSeenAt, parseThreatfoxDate, type ThreatfoxRecord } from "./threatfox-record.js";

/** The records, which can be changed while they are served. */
export type ThreatfoxFeed = ReturnType<typeof createThreatfoxFeed>;

/** A record with its dates in milliseconds since 1970; NaN where they cannot be read. */
interface DatedRecord {
  readonly record: ThreatfoxRecord;
  readonly appearsAt: number;
  readonly leavesAt: number;
}

/**
 * What is public depends on the time: a record appears when it is first seen, and leaves six months after it was seen last
 * (https://abuse.ch/blog/community-first/ and ThreatFox's own notice, in force since May 2025). A record
 * whose date cannot be read is always there.
 *
 * @param now milliseconds since 1970
 */
export function createThreatfoxFeed(initial: readonly ThreatfoxRecord[], now: () => number) {
  let all = initial.map(addDates);
  let revision = 0;

  return {
    /** From when `days` are counted back, in milliseconds since 1970. */
    now,
    /** What is public now. */
    get records(): readonly ThreatfoxRecord[] {
      const time = now();
      return all
        .filter(({ appearsAt, leavesAt }) => !(appearsAt > time || leavesAt <= time))
        .map(({ record }) => record);
    },
    /** Differs from before whenever `records` may. */
    get state() {
      const time = now();
      const coming = all.filter(({ appearsAt }) => appearsAt > time).length;
      const gone = all.filter(({ leavesAt }) => leavesAt <= time).length;
      return `${revision}/${coming}/${gone}`;
    },
    /** A record takes the place of the one with its id; others come before all that are there. */
    publish(records: readonly ThreatfoxRecord[]) {
      const published = new Map(records.map((record) => [record.id, addDates(record)]));
      const kept = all.map((old) => {
        const replacement = published.get(old.record.id);
        published.delete(old.record.id);
        return replacement ?? old;
      });
      all = [...published.values(), ...kept];
      revision += 1;
    },
  };
}

function addDates(record: ThreatfoxRecord): DatedRecord {
  const appearsAt = parseThreatfoxDate(record.first_seen);
  const seen = new Date(lastSeenAt(record));
  return { record, appearsAt, leavesAt: seen.setUTCMonth(seen.getUTCMonth() + 6) };
}

/** When the newest record was first seen, in milliseconds since 1970; 0 without any record. */
export function newestFirstSeen(records: readonly ThreatfoxRecord[]): number {
  return records.reduce((latest, { first_seen }) => Math.max(latest, parseThreatfoxDate(first_seen) || 0), 0);
}
