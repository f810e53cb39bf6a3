import { toExportRecord } from "./export-record.js";
import type { ThreatfoxRecord } from "./threatfox-record.js";

/** The JSON export, piece by piece: an object of lists, by id, in the order of the records. */
export function* writeJsonExport(records: readonly ThreatfoxRecord[]): Generator<string> {
  let separator = "{\n";
  for (const record of records) {
    const list = JSON.stringify([toExportRecord(record)], undefined, 4).replaceAll("\n", "\n    ");
    yield `${separator}    ${JSON.stringify(record.id)}: ${list}`;
    separator = ",\n";
  }
  yield records.length === 0 ? "{}" : "\n}";
}
