import { BSON } from "mongodb";
import type { LoadDocument } from "../connector/connector.js";
import type { HistoryEntry } from "../connector/stored-document.js";
import { contentOf } from "./content-hash.js";
import { findUnstorable } from "./find-unstorable.js";

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

/** Hashes a document, or says why MongoDB cannot hold it. */
export function prepareDocument(document: LoadDocument): PreparedDocument | { readonly reason: string } {
  try {
    const { hash, text } = contentOf(document);
    const reason =
      findUnstorable(document, text) ??
      (text.length > surelyFitsCharacters ? findOversize(document) : undefined);
    return reason === undefined ? { document, hash, characters: text.length } : { reason };
  } catch (error) {
    return { reason: reasonOfEncodingError(error) };
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
  const what = history === undefined ? "it takes" : "with what the change replaces it takes";
  return bytes <= largestBytes
    ? undefined
    : `${what} ${bytes} bytes, more than the 16 MB that MongoDB holds in one document`;
}

function reasonOfEncodingError(error: unknown): string {
  if (error instanceof RangeError) {
    return "it is nested too deeply to be stored";
  }
  return `it cannot be written as BSON: ${error instanceof Error ? error.message : String(error)}`;
}
