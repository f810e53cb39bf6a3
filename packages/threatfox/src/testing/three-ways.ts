import type { JsonObject, JsonValue } from "@cti-connectors/core";
import { toJsonExport } from "./export-forms.js";

/** A record as the API tells it, with something in every field. */
export const fullRecord = {
  id: "1900001",
  ioc: "203.0.113.5:443",
  threat_type: "botnet_cc",
  threat_type_desc: "Indicator that identifies a botnet command&control server (C&C)",
  ioc_type: "ip:port",
  ioc_type_desc: "ip:port combination that is used for botnet Command&control (C&C)",
  malware: "win.cobalt_strike",
  malware_printable: "Cobalt Strike",
  malware_alias: "Agentemis,BEACON",
  malware_malpedia: "https://malpedia.caad.fkie.fraunhofer.de/details/win.cobalt_strike",
  confidence_level: 75,
  is_compromised: false,
  first_seen: "2026-03-10 07:19:39 UTC",
  last_seen: "2026-03-10 09:00:00 UTC",
  reference: "https://report.example/?a=1,2&b=\"'",
  reporter: "abuse_ch",
  tags: ["CobaltStrike", "日本語", "Example Ltd."],
} satisfies JsonObject;

/** The columns of the CSV export, in its order. */
const columns = [
  ...["first_seen_utc", "ioc_id", "ioc_value", "ioc_type", "threat_type", "fk_malware", "malware_alias"],
  ...["malware_printable", "last_seen_utc", "confidence_level", "is_compromised", "reference", "tags"],
  ...["anonymous", "reporter"],
];

/** Records of the API as the text of ThreatFox's JSON export. */
export function writeJsonExport(records: readonly JsonObject[]): string {
  return JSON.stringify(
    Object.fromEntries(
      records.map((record) => {
        const { ioc_id, ...exported } = toJsonExport(record);
        return [String(ioc_id), [exported]];
      }),
    ),
  );
}

/** Records of the API as the text of ThreatFox's CSV export. */
export function writeCsvExport(records: readonly JsonObject[]): string {
  const rows = records.map((record) => {
    const exported = toJsonExport(record);
    const row: JsonObject = { ...exported, fk_malware: exported.malware ?? null };
    const cells = columns.map(
      (column) => `"${writeCell(column, row[column] ?? null).replaceAll('"', '""')}"`,
    );
    return `${cells.join(", ")}\r\n`;
  });
  const names = columns.map((column) => `"${column}"`).join(",");
  return `# ThreatFox IOCs\r\n# ${names}\r\n${rows.join("")}# Number of entries: ${rows.length}\r\n`;
}

function writeCell(column: string, value: JsonValue): string {
  if (value === null) {
    return column === "last_seen_utc" ? "" : "None";
  }
  return value === true ? "True" : value === false ? "False" : String(value);
}
