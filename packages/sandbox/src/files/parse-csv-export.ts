import { parse } from "csv-parse/sync";
import { z } from "zod";
import { exportRecordSchema, fromExportRecord } from "../threatfox/export-record.js";
import type { ThreatfoxRecord } from "../threatfox/threatfox-record.js";

const rowsSchema = z.array(z.record(z.string(), z.string()));

/**
 * Reads a CSV export, whose columns are named in a comment line.
 *
 * @throws where no line names them, or a row has more or fewer
 */
export function parseCsvExport(text: string): readonly ThreatfoxRecord[] {
  const columns = /^#\s*("?first_seen_utc"?\s*,.*)$/m.exec(text)?.[1];
  if (columns === undefined) {
    throw new Error("no header line of a ThreatFox CSV export");
  }
  const rows = rowsSchema.parse(
    parse(text, {
      columns: columns.split(",").map((name) => name.replaceAll(/["\s]/g, "")),
      record_delimiter: ["\r\n", "\n"],
      // A blank stands behind each comma.
      ltrim: true,
      relax_quotes: true,
      comment: "#",
      comment_no_infix: true,
      skip_empty_lines: true,
    }),
  );
  return rows.map(readRow);
}

function readRow(row: Readonly<Record<string, string>>): ThreatfoxRecord {
  const { ioc_id, fk_malware, confidence_level, is_compromised, ...rest } = Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === "None" ? null : value]),
  );
  const record = exportRecordSchema.parse({
    ...rest,
    malware: fk_malware,
    last_seen_utc: rest.last_seen_utc || null,
    confidence_level: confidence_level == null ? null : Number(confidence_level),
    ...(is_compromised !== undefined && { is_compromised: is_compromised === "True" }),
  });
  return fromExportRecord(z.string().parse(ioc_id), record);
}
