import { BSON } from "mongodb";
import type { LoadDocument, StoredContent } from "../connector/connector.js";
import type { HistoryEntry } from "../connector/stored-document.js";
import { isJsonObject, type JsonObject } from "../json/json.js";
import { describeFailure } from "../store/describe-failure.js";
import type { StorePlace } from "../store/store-place.js";
import { shortenText } from "../text/one-line.js";
import { contentOf } from "./content-hash.js";

/** A document that MongoDB can hold. */
export interface PreparedDocument {
  readonly document: LoadDocument;
  readonly hash: string;
  /** Length of its canonical JSON. */
  readonly characters: number;
}

/** 16 MiB, less what the update around a document takes. */
const largestBytes = 16 * 1024 * 1024 - 4_096;
/** BSON takes at most 6.5 times the length of canonical JSON (a long list of one-digit numbers). */
const surelyFitsCharacters = largestBytes / 7;

/** A document that MongoDB cannot hold. */
export interface UnstorableDocument {
  readonly document: LoadDocument;
  readonly reason: string;
}

export type CheckedDocument = PreparedDocument | UnstorableDocument;

/** Hashes a document, or says why MongoDB cannot hold it. */
export function prepareDocument(document: LoadDocument): CheckedDocument {
  return prepareWithText(document).prepared;
}

/** @returns beside the document the canonical JSON of its content; undefined if there is none */
export function prepareWithText(document: LoadDocument): {
  readonly prepared: CheckedDocument;
  readonly text: string | undefined;
} {
  try {
    const { hash, text } = contentOf(document);
    const reason =
      findUnstorable(document, text) ??
      (text.length > surelyFitsCharacters ? findOversize(document) : undefined);
    const prepared = { document, hash, characters: text.length };
    return { text, prepared: reason === undefined ? prepared : { document, reason } };
  } catch (error) {
    return { text: undefined, prepared: { document, reason: reasonOfEncodingError(error) } };
  }
}

/** Says why the driver cannot write a document as BSON, or undefined where it can. */
export function findUnencodable({ _id, data, enriched }: LoadDocument): string | undefined {
  try {
    BSON.serialize({ _id, data, enriched }, { ignoreUndefined: true });
    return undefined;
  } catch (error) {
    return reasonOfEncodingError(error);
  }
}

/** Says why MongoDB cannot hold a document, alone or with another entry of its history, or undefined where it can. */
export function findOversize(
  { data, enriched, _id }: LoadDocument,
  history?: HistoryEntry,
): string | undefined {
  const bytes = BSON.calculateObjectSize({ _id, data, enriched, history }, { ignoreUndefined: true }) + 512;
  const what = history === undefined ? "it takes" : "with its history it takes";
  return bytes <= largestBytes
    ? undefined
    : `${what} ${bytes} bytes, more than the 16 MB that MongoDB allows for one document`;
}

function reasonOfEncodingError(error: unknown): string {
  if (error instanceof RangeError) {
    return "it is nested too deeply to be stored";
  }
  return `it cannot be written as BSON: ${error instanceof Error ? error.message : String(error)}`;
}

/** MongoDB's own limit (manual, "MongoDB Limits and Thresholds": nested depth for BSON documents). */
const deepestLevel = 100;
/** In characters: reasons cut longer paths of fields. */
const longestPath = 80;

/**
 * Says why MongoDB cannot hold a document as it is, or undefined where it can. Past these checks the driver would
 * alter it silently (half of a surrogate pair, an invalid date), or the server refuse the whole batch (depth).
 *
 * @param text canonical JSON of the content, which shows half surrogate pairs as escapes
 */
function findUnstorable(document: LoadDocument, text: string): string | undefined {
  if (document._id === "") {
    return "its _id is empty";
  }
  if (!isWellFormed(document._id) || hasLoneSurrogate(text)) {
    return "a string in it contains half a surrogate pair, which UTF-8 cannot express";
  }
  const found = findIn(document.data, 2, "data") ?? findIn(document.enriched, 2, "enriched");
  return found && `${shortenText(found.path.join("."), longestPath)} ${found.fault}`;
}

interface Unstorable {
  /** Names of fields and indexes, from the outermost on. */
  readonly path: readonly string[];
  readonly fault: string;
}

function findIn(value: unknown, level: number, name: string): Unstorable | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  if (level > deepestLevel) {
    return { path: [name], fault: `is nested deeper than the ${deepestLevel} levels that MongoDB allows` };
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? { path: [name], fault: "is an invalid date" } : undefined;
  }
  const found = isJsonObject(value)
    ? findInFields(value, level)
    : Array.isArray(value)
      ? findInItems(value, level)
      : undefined;
  return found && { ...found, path: [name, ...found.path] };
}

function findInFields(object: JsonObject, level: number): Unstorable | undefined {
  for (const name of Object.keys(object)) {
    if (name.includes("\0")) {
      return { path: [], fault: "has a field whose name contains a null character" };
    }
    const found = findIn(object[name], level + 1, name);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function findInItems(list: readonly unknown[], level: number): Unstorable | undefined {
  for (let index = 0; index < list.length; index += 1) {
    const found = findIn(list[index], level + 1, String(index));
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** JSON escapes a lone surrogate as `\ud800`; a backslash of the text itself is escaped too and comes in pairs. */
function hasLoneSurrogate(json: string): boolean {
  return json.includes("\\ud") && /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(json);
}

/** In Unicode mode `Surrogate` matches only halves that stand alone. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Makes one document of one that was brought and what is stored of it. */
export type Reconcile = (document: LoadDocument, stored: StoredContent) => LoadDocument;

/** Reconciles a document, or says why that failed or why MongoDB cannot hold the outcome. */
export function reconcileDocument(
  brought: PreparedDocument,
  { data, enriched }: StoredContent,
  reconcile: Reconcile,
  store: StorePlace,
): PreparedDocument | { readonly reason: string } {
  try {
    const document = reconcile(brought.document, { data, enriched });
    if (document === brought.document) {
      return brought;
    }
    const { collection, _id, altered } = brought.document;
    return document.collection === collection && document._id === _id
      ? prepareDocument({ ...document, ...(altered && { altered }) })
      : {
          reason: `reconciling changed it to ${document.collection}/${document._id}, but reconcile must keep both`,
        };
  } catch (error) {
    return { reason: `it could not be reconciled with what is stored: ${describeFailure(error, store)}` };
  }
}
