import { formatThreatfoxDate, type ThreatfoxRecord } from "../threatfox/threatfox-record.js";
import records from "./threatfox-records.json" with { type: "json" };

/**
 * The built-in records, newest first, the way `get_iocs` sends them: all first seen within three days before
 * `now` (milliseconds since 1970). In the file both dates are hours before that.
 */
export function demoThreatfoxRecords(now: number): readonly ThreatfoxRecord[] {
  const before = (hours: number) => formatThreatfoxDate(now - hours * 3_600_000);
  return records.map((record) => ({
    ...record,
    first_seen: before(record.first_seen),
    last_seen: record.last_seen === null ? null : before(record.last_seen),
  }));
}
