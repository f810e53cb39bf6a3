import type { JsonObject, JsonValue } from "@cti-connectors/core";
import { describeIocType, describeThreatType, linkMalpedia } from "./derived-texts.js";
import { parseFlag, parseList } from "./read-field.js";

/**
 * Writes a record of one of ThreatFox's exports as the API tells the same IOC, so that both become the same document:
 * the API's names, dates with ` UTC`, numbers as numbers, tags as a list, null for what is missing. What an export leaves
 * out and the API derives (`threat_type_desc`, `ioc_type_desc`, `malware_malpedia`) is derived here, too; of a type that
 * is not known it is null. Pure, and never throws: a value of another form than expected stays as given, and a field
 * that is not known keeps its name.
 *
 * The API reports `anonymous` as the reporter `anonymous`; the field stays only if it contradicts the reporter.
 *
 * @param id ThreatFox's id: the key of the JSON export, the column `ioc_id` of the CSV export
 * @param exported a record of the JSON export, or a row of the CSV export by column, as `readExportFile` gives it
 * @see https://threatfox.abuse.ch/export/ for both forms
 */
export function mapExportRecord(id: string, exported: JsonObject): JsonObject {
  const {
    ioc_id: _,
    ioc_value = null,
    ioc_type = null,
    threat_type = null,
    fk_malware = null,
    malware = fk_malware,
    malware_printable = null,
    malware_alias = null,
    confidence_level,
    is_compromised,
    first_seen_utc,
    last_seen_utc,
    reference = null,
    reporter = null,
    anonymous,
    tags,
    ...others
  } = exported;
  const mapped: JsonObject = {
    id,
    ioc: ioc_value,
    threat_type,
    threat_type_desc: typeof threat_type === "string" ? describeThreatType(threat_type) : null,
    ioc_type,
    ioc_type_desc:
      typeof threat_type === "string" && typeof ioc_type === "string"
        ? describeIocType(threat_type, ioc_type)
        : null,
    malware,
    malware_printable,
    malware_alias,
    malware_malpedia: typeof malware === "string" ? linkMalpedia(malware) : null,
    confidence_level: readNumber(confidence_level),
    ...readCompromised(is_compromised),
    first_seen: readDate(first_seen_utc),
    last_seen: readDate(last_seen_utc),
    reference,
    ...readReporter(reporter, anonymous),
    tags: readTags(tags),
  };
  const unknown = Object.entries(others).filter(([name]) => !Object.hasOwn(mapped, name));
  return { ...mapped, ...Object.fromEntries(unknown) };
}

function isNothing(value: JsonValue | undefined): value is undefined | null | "" {
  return value === undefined || value === null || value === "";
}

/** An unknown date is an empty cell in the CSV export, where everything else that is null is `None`. */
function readDate(value: JsonValue | undefined): JsonValue {
  if (isNothing(value)) {
    return null;
  }
  return typeof value === "string" && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/u.test(value)
    ? `${value} UTC`
    : value;
}

function readNumber(value: JsonValue | undefined): JsonValue {
  if (isNothing(value)) {
    return null;
  }
  return typeof value === "string" && /^-?[\d.]+$/u.test(value) && value === String(Number(value))
    ? Number(value)
    : value;
}

function readTags(value: JsonValue | undefined): JsonValue {
  if (typeof value !== "string") {
    return value ?? null;
  }
  const list = parseList(value);
  return list.length === 0 ? null : list;
}

function readCompromised(value: JsonValue | undefined): JsonObject {
  return isNothing(value) ? {} : { is_compromised: parseFlag(value) ?? value };
}

function readReporter(reporter: JsonValue, anonymous: JsonValue | undefined): JsonObject {
  switch (parseFlag(anonymous)) {
    case true:
      return isNothing(reporter) || reporter === "anonymous"
        ? { reporter: "anonymous" }
        : { reporter, anonymous: true };
    case false:
      return { reporter };
    default:
      return isNothing(anonymous) ? { reporter } : { reporter, anonymous };
  }
}
