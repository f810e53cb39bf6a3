import type { JsonObject, JsonValue } from "@cti-connectors/core";
import { describeIocType, describeThreatType } from "./describe-ioc-type.js";
import { linkMalpedia } from "./link-malpedia.js";
import { parseDate } from "./parse-date.js";
import { parseFlag } from "./parse-flag.js";
import { parseList } from "./parse-list.js";

/** ThreatFox told of no older IOC whether it is a compromised host: neither the API nor an export had the field. */
const firstToldWhetherCompromised = new Date("2025-01-01T00:00:00Z");

/**
 * Writes a record of one of ThreatFox's exports as the API tells the same IOC, so that both become the same document:
 * the API's names, dates with ` UTC`, numbers as numbers, tags as a list, null for what is empty. What an export leaves
 * out and the API derives (`threat_type_desc`, `ioc_type_desc`, `malware_malpedia`) is derived here, too; of a type that
 * is not known it is null. Pure, and never throws: a value of another form than expected stays as given, and a field
 * that is not known keeps its name.
 *
 * `anonymous` is told by the API as the reporter `anonymous`; it stays only where it contradicts the reporter.
 *
 * @param id ThreatFox's id: the key of the JSON export, the column `ioc_id` of the CSV export
 * @param exported a record of the JSON export, or a row of the CSV export by column; `None` is null
 * @see https://threatfox.abuse.ch/export/ for both forms
 */
export function mapExportRecord(id: string, exported: JsonObject): JsonObject {
  const {
    ioc_id: _,
    ioc_value,
    ioc_type,
    threat_type,
    malware,
    fk_malware,
    malware_printable,
    malware_alias,
    confidence_level,
    is_compromised,
    first_seen_utc,
    last_seen_utc,
    reference,
    reporter,
    anonymous,
    tags,
    ...others
  } = exported;
  const iocType = told(ioc_type);
  const threatType = told(threat_type);
  const malwareKey = told(malware) ?? told(fk_malware);
  const firstSeen = readDate(first_seen_utc);
  const mapped: JsonObject = {
    id,
    ioc: told(ioc_value),
    threat_type: threatType,
    threat_type_desc: typeof threatType === "string" ? describeThreatType(threatType) : null,
    ioc_type: iocType,
    ioc_type_desc:
      typeof threatType === "string" && typeof iocType === "string"
        ? describeIocType(threatType, iocType)
        : null,
    malware: malwareKey,
    malware_printable: told(malware_printable),
    malware_alias: told(malware_alias),
    malware_malpedia: typeof malwareKey === "string" ? linkMalpedia(malwareKey) : null,
    confidence_level: readNumber(confidence_level),
    ...readCompromised(is_compromised, firstSeen),
    first_seen: firstSeen,
    last_seen: readDate(last_seen_utc),
    reference: told(reference),
    ...readReporter(reporter, anonymous),
    tags: readTags(tags),
  };
  const unknown = Object.entries(others).filter(
    ([name, value]) => !Object.hasOwn(mapped, name) && told(value) !== null,
  );
  return { ...mapped, ...Object.fromEntries(unknown) };
}

/** null where an export says nothing: missing, null, empty, or the `None` of the CSV export. */
function told(value: JsonValue | undefined): JsonValue {
  return value === undefined || (typeof value === "string" && /^\s*(?:None)?\s*$/u.test(value))
    ? null
    : value;
}

function readDate(value: JsonValue | undefined): JsonValue {
  const date = told(value);
  return typeof date === "string" && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/u.test(date) ? `${date} UTC` : date;
}

function readNumber(value: JsonValue | undefined): JsonValue {
  const number = told(value);
  return typeof number === "string" && /^\d{1,9}$/u.test(number) ? Number(number) : number;
}

function readTags(value: JsonValue | undefined): JsonValue {
  const tags = told(value);
  if (typeof tags !== "string") {
    return tags;
  }
  const list = parseList(tags);
  return list.length === 0 ? null : list;
}

function readCompromised(value: JsonValue | undefined, firstSeen: JsonValue): JsonObject {
  const flag = parseFlag(value);
  const isTold =
    flag !== false || (parseDate(firstSeen) ?? firstToldWhetherCompromised) >= firstToldWhetherCompromised;
  return told(value) !== null && value !== undefined && isTold ? { is_compromised: flag ?? value } : {};
}

function readReporter(value: JsonValue | undefined, anonymous: JsonValue | undefined): JsonObject {
  const reporter = told(value);
  switch (parseFlag(anonymous)) {
    case true:
      return reporter === null || reporter === "anonymous"
        ? { reporter: "anonymous" }
        : { reporter, anonymous: true };
    case false:
      return { reporter };
    default:
      return told(anonymous) === null || anonymous === undefined ? { reporter } : { reporter, anonymous };
  }
}
