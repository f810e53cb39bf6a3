import { hash } from "node:crypto";
import { configure } from "safe-stable-stringify";
import type { EnrichedObject, EnrichedValue, LoadDocument } from "../connector/connector.js";

const stringify = configure({ deterministic: true });

/** JSON with the keys of each object in order, or "" for what JSON does not have, as undefined. */
export function canonicalText(value: unknown): string {
  return stringify(value) ?? "";
}

export interface Content {
  /** SHA-256, hexadecimal. Two contents that differ only in the order of their keys have the same one. */
  readonly hash: string;
  /** Canonical JSON. */
  readonly text: string;
}

/** The canonical text and hash of what a document holds: `data` and `enriched`, and nothing of the envelope. */
export function contentOf({ data, enriched }: Pick<LoadDocument, "data" | "enriched">): Content {
  const text = `${canonicalText(data)}\n${canonicalText(tagDates(enriched))}`;
  return { hash: hash("sha256", text, "hex"), text };
}

/** A date and the string that it is written as are different contents. */
function tagDates(value: EnrichedValue | undefined): unknown {
  if (value instanceof Date) {
    return { $date: value.getTime() };
  }
  if (Array.isArray(value)) {
    return value.map(tagDates);
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name, tagDates(field)]))
    : value;
}

function isObject(value: EnrichedValue | undefined): value is EnrichedObject {
  return typeof value === "object" && value !== null;
}
