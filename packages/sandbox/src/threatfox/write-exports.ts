import { type ExportRecord, toExportRecord } from "./export-record.js";
import { formatThreatfoxDate, type ThreatfoxRecord } from "./threatfox-record.js";

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

/** The CSV export calls the id `ioc_id` and the malware `fk_malware`; the others as in the JSON export. */
const columns = [
  "first_seen_utc",
  "ioc_id",
  "ioc_value",
  "ioc_type",
  "threat_type",
  "fk_malware",
  "malware_alias",
  "malware_printable",
  "last_seen_utc",
  "confidence_level",
  "is_compromised",
  "reference",
  "tags",
  "anonymous",
  "reporter",
] as const;

/**
 * The CSV export, piece by piece: comment lines, of which the last before the records names the columns, then
 * quoted fields with a blank behind each comma, and a comment line with their number. What is null is `None`,
 * but an unknown `last_seen_utc` is empty. Samples: threatfox.md of muchdogesec/feeds2stix (July 2024), and
 * several projects' captures of 2026, which have `is_compromised` too.
 *
 * @param title such as `recent additions`
 * @param updatedAt milliseconds since 1970
 */
export function* writeCsvExport(
  records: readonly ThreatfoxRecord[],
  title: string,
  updatedAt: number,
): Generator<string> {
  const frame = "#".repeat(64);
  const boxed = [
    `ThreatFox IOCs: ${title}`,
    `Last updated: ${formatThreatfoxDate(updatedAt)}`,
    "",
    "Terms Of Use: https://threatfox.abuse.ch/faq/#tos",
    "For questions please contact threatfox [at] abuse.ch",
  ].map((line) => `# ${line.padEnd(61)}#`);
  const names = columns.map((name) => `"${name}"`).join(",");
  for (const line of [frame, ...boxed, frame, "#", `# ${names}`]) {
    yield `${line}\r\n`;
  }
  for (const record of records) {
    yield `${writeRow(record.id, toExportRecord(record))}\r\n`;
  }
  yield `# Number of entries: ${records.length}\r\n`;
}

function writeRow(id: string, record: ExportRecord): string {
  const fields = {
    ...record,
    ioc_id: id,
    fk_malware: record.malware,
    last_seen_utc: record.last_seen_utc ?? "",
    is_compromised: record.is_compromised ? "True" : "False",
  };
  return columns.map((name) => `"${String(fields[name] ?? "None").replaceAll('"', '""')}"`).join(", ");
}
