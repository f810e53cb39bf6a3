import { stringify } from "csv-stringify/sync";
import type { StoredIoc } from "./stored-ioc.js";

type Cell = string | number | boolean | null | undefined;

const columns: Readonly<Record<string, (ioc: StoredIoc) => Cell>> = {
  id: ({ _id }) => _id,
  ioc_type: ({ enriched }) => enriched.indicator.type,
  ioc: ({ enriched }) => enriched.indicator.value,
  host: ({ enriched }) => enriched.indicator.host,
  port: ({ enriched }) => enriched.indicator.port,
  threat_type: ({ enriched }) => enriched.threat_type,
  malware: ({ enriched }) => enriched.malware,
  malware_name: ({ enriched }) => enriched.malware_name,
  malware_aliases: ({ enriched }) => enriched.aliases.join(","),
  tags: ({ enriched }) => enriched.tags.join(","),
  confidence: ({ enriched }) => enriched.confidence,
  first_seen: ({ enriched }) => enriched.first_seen?.toISOString(),
  last_seen: ({ enriched }) => enriched.last_seen?.toISOString(),
  expires_at: ({ enriched }) => enriched.expires_at?.toISOString(),
  reference: ({ enriched }) => enriched.reference,
  reporter: ({ enriched }) => enriched.reporter,
  is_compromised: ({ enriched }) => enriched.is_compromised,
  stix_id: ({ enriched }) => enriched.stix_id,
  ingested_at: ({ ingested_at }) => ingested_at.toISOString(),
};

const rowsAtOnce = 200;

/**
 * Writes IOCs as CSV (RFC 4180: CRLF, a header, quotes where needed), dates in ISO 8601.
 *
 * A cell that a spreadsheet would take for a formula (after `=`, `+`, `-`, `@`, a tab or a carriage return) gets a `'`
 * before it: https://owasp.org/www-community/attacks/CSV_Injection.
 */
export async function* writeCsv(iocs: AsyncIterable<StoredIoc>): AsyncGenerator<string, void, undefined> {
  yield toCsv([Object.keys(columns)]);
  let rows: Cell[][] = [];
  for await (const ioc of iocs) {
    rows.push(Object.values(columns).map((cellOf) => cellOf(ioc)));
    if (rows.length === rowsAtOnce) {
      yield toCsv(rows);
      rows = [];
    }
  }
  yield toCsv(rows);
}

function toCsv(rows: readonly (readonly Cell[])[]): string {
  return stringify([...rows], {
    record_delimiter: "windows",
    escape_formulas: true,
    // Left alone, one that is not CRLF stays without quotes, and most readers begin a row there.
    quoted_match: /[\r\n]/u,
    cast: { boolean: String },
  });
}
