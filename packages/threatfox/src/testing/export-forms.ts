import type { JsonObject, JsonValue } from "@cti-connectors/core";

/** A record of the API as ThreatFox's JSON export tells it, with its id as `ioc_id`. */
export function toJsonExport(record: JsonObject): JsonObject {
  return {
    ioc_id: record.id ?? null,
    ioc_value: record.ioc ?? null,
    ioc_type: record.ioc_type ?? null,
    threat_type: record.threat_type ?? null,
    malware: record.malware ?? null,
    malware_alias: record.malware_alias ?? null,
    malware_printable: record.malware_printable ?? null,
    first_seen_utc: withoutZone(record.first_seen),
    last_seen_utc: withoutZone(record.last_seen),
    confidence_level: record.confidence_level ?? null,
    is_compromised: record.is_compromised ?? false,
    reference: record.reference ?? null,
    tags: Array.isArray(record.tags) ? record.tags.join(",") : null,
    anonymous: record.reporter === "anonymous" ? 1 : 0,
    reporter: record.reporter ?? null,
  };
}

/** A record of the API as a row of ThreatFox's CSV export, by column and as it is read: all text, but null. */
export function toCsvExport(record: JsonObject): Record<string, string | null> {
  const { malware, ...others } = toJsonExport(record);
  const row = { ...others, fk_malware: malware ?? null };
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      column === "last_seen_utc" ? String(value ?? "") : readCell(value),
    ]),
  );
}

function readCell(value: JsonValue): string | null {
  if (typeof value === "boolean") {
    return value ? "True" : "False";
  }
  return value === null ? null : String(value);
}

function withoutZone(value: JsonValue | undefined): JsonValue {
  return typeof value === "string" ? value.replace(/ UTC$/u, "") : (value ?? null);
}
