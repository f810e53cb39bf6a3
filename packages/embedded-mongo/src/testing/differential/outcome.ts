import { createHash } from "node:crypto";
import { BSON, type Document } from "mongodb";

/** A value in canonical Extended JSON, which tells int32, long and double apart. */
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const HOUR_MS = 3_600_000;

/** Differ from server to server and from call to call, and no driver decides anything by them. */
const UNCOMPARED = new Set([
  "$clusterTime",
  "operationTime",
  "opTime",
  "electionId",
  "topologyVersion",
  "errmsg",
  "errInfo",
  "errorLabels",
]);

/**
 * Makes what a server answered comparable: documents as one string each (types and field order count), the reply around
 * them as a structure (field order does not count). Dates, timestamps and ids that were made just now become markers.
 *
 * @param inOrder false: a batch is compared as a set
 */
export function toOutcome(reply: Document, inOrder: boolean): unknown {
  const json: unknown = BSON.EJSON.serialize(reply, { relaxed: false });
  const outcome: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(isObject(json) ? json : {})) {
    if (!UNCOMPARED.has(key)) {
      outcome[key] = fieldOutcome(key, value, inOrder);
    }
  }
  return outcome;
}

function fieldOutcome(key: string, value: Json, inOrder: boolean): unknown {
  switch (key) {
    case "cursor":
      return isObject(value) ? cursorOutcome(value, inOrder) : value;
    case "value":
    case "keyPattern":
    case "keyValue":
      return documentOutcome(value);
    case "values":
      return Array.isArray(value) ? value.map(documentOutcome).sort() : value;
    case "writeErrors":
    case "upserted":
      return Array.isArray(value) ? value.map(entryOutcome) : value;
    default:
      return withMarkers(value);
  }
}

function cursorOutcome(cursor: { [key: string]: Json }, inOrder: boolean): unknown {
  const { id, firstBatch, nextBatch, ...rest } = cursor;
  const batch = firstBatch ?? nextBatch;
  const documents = Array.isArray(batch) ? batch.map(documentOutcome) : [];
  return {
    ...rest,
    open: isObject(id) ? id.$numberLong !== "0" : id !== 0,
    batch: inOrder ? documents : documents.sort(),
  };
}

function entryOutcome(entry: Json): unknown {
  if (!isObject(entry)) {
    return entry;
  }
  const compared = Object.entries(entry).filter(([key]) => !UNCOMPARED.has(key));
  return Object.fromEntries(
    compared.map(([key, value]) => [key, key === "index" || key === "code" ? value : documentOutcome(value)]),
  );
}

/** A stored or computed value as one string, so that a difference in field order shows. */
export function documentOutcome(value: Json): string {
  const text = JSON.stringify(withMarkers(value));
  return text.length > 4_000
    ? `${text.slice(0, 200)}… ${text.length} characters, hash ${hashOf(text)}`
    : text;
}

/** Whether a value holds a date, timestamp or id that was made just now. */
export function wasMadeNow(value: Json): boolean {
  return /<(now|new): /.test(JSON.stringify(withMarkers(value)));
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function withMarkers(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(withMarkers);
  }
  if (!isObject(value)) {
    return value;
  }
  const { $date, $oid, $timestamp } = value;
  if ($date !== undefined && isNow(Number(isObject($date) ? $date.$numberLong : $date))) {
    return "<now: date>";
  }
  if (typeof $oid === "string" && isNow(Number.parseInt($oid.slice(0, 8), 16) * 1_000)) {
    return "<new: ObjectId>";
  }
  if (isObject($timestamp) && isNow(Number($timestamp.t) * 1_000)) {
    return "<now: timestamp>";
  }
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withMarkers(field)]));
}

function isNow(timeMs: number): boolean {
  return Math.abs(Date.now() - timeMs) < HOUR_MS;
}

function isObject(value: unknown): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
