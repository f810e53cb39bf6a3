import { isDeepStrictEqual } from "node:util";
import type { JsonObject, JsonValue, LoadDocument, StepDocument, StoredContent } from "@cti-connectors/core";
import { z } from "zod";
import { enrichIoc } from "./enrich-ioc.js";
import type { IocSource } from "./ioc-record.js";
import { parseDate, parseFlag, parseList } from "./read-field.js";

/** A document of an IOC, with its source: core hands it to `reconcileIoc` as the step made it. */
export interface IocDocument extends StepDocument {
  readonly source: IocSource;
}

/** Fields that `mapExportRecord` derives, and what of. */
const derived: ReadonlyMap<string, readonly string[]> = new Map([
  ["threat_type_desc", ["threat_type"]],
  ["ioc_type_desc", ["threat_type", "ioc_type"]],
  ["malware_malpedia", ["malware"]],
]);

/** What a record is about: never a matter of which one is the older. */
const identity: ReadonlySet<string> = new Set(["id", "ioc"]);

/**
 * Makes one document of what ThreatFox sends now and what is stored of the same IOC. Pure.
 *
 * The API tells all that it knows, so its record replaces what is stored. An export's record replaces what exports tell:
 * what it leaves out stays (unknown fields, `comment`, descriptions), and where it tells an earlier `last_seen` than what
 * is stored, it is the older one of both: beside the id and the IOC it only adds what is missing. No difference is what says nothing: the order of
 * keys, null or missing, and in an export the spelling (`75` and `"75"`, a tag with a comma in it, the order of tags).
 *
 * @param document an `IocDocument`; one without `source` counts as the API's
 * @param stored may hold anything
 */
export function reconcileIoc(document: LoadDocument, stored: StoredContent): LoadDocument {
  const data = fieldsOf(document.data);
  const before = fieldsOf(stored.data);
  const isExported = "source" in document && document.source === "export";
  const merged = isExported ? mergeExported(data, before) : mergeReceived(data, before);
  const ioc = typeof merged.ioc === "string" ? merged.ioc : "";
  return { ...document, data: merged, enriched: enrichIoc({ id: document._id, ioc, data: merged }) };
}

/** An API's record: only `anonymous`, which exports tell, stays, and what an older API leaves out because it says no more than nothing. */
function mergeReceived(received: JsonObject, stored: JsonObject): JsonObject {
  const { anonymous, is_compromised } = stored;
  const keepsAnonymous = anonymous !== undefined && isEqual(stored.reporter, received.reporter);
  const kept = {
    ...(keepsAnonymous && { anonymous }),
    ...(is_compromised !== undefined && parseFlag(is_compromised) === false && { is_compromised }),
  };
  return merge({ ...kept, ...received }, stored, isEqual);
}

function mergeExported(exported: JsonObject, stored: JsonObject): JsonObject {
  const isOlder = timeOf(stored.last_seen) > timeOf(exported.last_seen);
  const isDerivedOfTheSame = (name: string) =>
    derived.get(name)?.every((of) => saysTheSame(stored[of], exported[of], of)) ?? false;
  const newer = Object.entries(exported).filter(
    ([name]) =>
      identity.has(name) || (!isDerivedOfTheSame(name) && (isNothing(valueIn(stored, name)) || !isOlder)),
  );
  return merge({ ...stored, ...Object.fromEntries(newer) }, stored, saysTheSame);
}

/** What `target` holds, in the spelling of what is stored wherever that makes no difference. */
function merge(
  target: JsonObject,
  stored: JsonObject,
  isSame: (one: JsonValue | undefined, other: JsonValue | undefined, name: string) => boolean,
): JsonObject {
  const names = new Set([...Object.keys(target), ...Object.keys(stored)]);
  const fields = [...names].flatMap((name): [string, JsonValue][] => {
    const before = valueIn(stored, name);
    const after = valueIn(target, name);
    const value = isSame(before, after, name) ? before : after;
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(fields);
}

/** A record can name a field `__proto__` or `constructor`: what every object inherits is no field of it. */
function valueIn(fields: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function isEqual(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  return isDeepStrictEqual(one ?? null, other ?? null);
}

/** Whether a stored value says what an export spells in its own way. */
function saysTheSame(stored: JsonValue | undefined, exported: JsonValue | undefined, name: string): boolean {
  if (isEqual(stored, exported) || (isNothing(stored) && isNothing(exported))) {
    return true;
  }
  switch (name) {
    case "tags":
      return isDeepStrictEqual(tagsOf(stored), tagsOf(exported));
    case "is_compromised":
      return parseFlag(stored) !== undefined && parseFlag(stored) === parseFlag(exported);
    case "first_seen":
    case "last_seen":
      return timeOf(stored) !== 0 && timeOf(stored) === timeOf(exported);
    default:
      return isPlain(stored) && isPlain(exported) && String(stored).trim() === String(exported).trim();
  }
}

function isNothing(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === "";
}

function isPlain(value: JsonValue | undefined): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** Tags in the order of the alphabet, cut at commas as an export cuts them. */
function tagsOf(value: JsonValue | undefined): readonly string[] {
  return parseList(Array.isArray(value) ? value.join(",") : value).toSorted();
}

function timeOf(value: JsonValue | undefined): number {
  return parseDate(value)?.getTime() ?? 0;
}

/** The fields of an object in the form of JSON. Anything else has no fields. */
function fieldsOf(value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return {};
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]): [string, JsonValue][] => {
      const json = isJson(field) ? field : writeAsJson(field);
      return json === undefined ? [] : [[name, json]];
    }),
  );
}

function isJson(value: unknown): value is JsonValue {
  if (Array.isArray(value)) {
    return value.every(isJson);
  }
  if (typeof value === "object" && value !== null) {
    return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
  }
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/** The driver makes an instance of its own of `{ "$ref": …, "$id": … }`, which is what was received in JSON again. */
function writeAsJson(value: unknown): JsonValue | undefined {
  const text = JSON.stringify(value, (_name, field: unknown) =>
    typeof field === "bigint" ? String(field) : field,
  );
  return text === undefined ? undefined : z.json().parse(JSON.parse(text));
}
