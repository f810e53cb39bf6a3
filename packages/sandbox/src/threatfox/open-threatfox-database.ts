import type { ThreatfoxDatabase } from "./threatfox-query.js";
import { parseThreatfoxDate, type ThreatfoxRecord } from "./threatfox-record.js";

/**
 * For records of a file, which may be years old: time stands still at the newest of them, so that `days` counts
 * back from there.
 */
export function openThreatfoxDatabase(records: readonly ThreatfoxRecord[]): ThreatfoxDatabase {
  const newest = records.reduce(
    (latest, { first_seen }) => Math.max(latest, parseThreatfoxDate(first_seen) || 0),
    0,
  );
  return { records, now: () => newest };
}
