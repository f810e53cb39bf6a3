import type { PlainDocument } from "../bson/bson-document.js";
import { wholeDocument } from "../bson/raw-value.js";

/** An index as the catalog keeps it. */
export interface IndexDefinition {
  /** First part of every key of this index. */
  readonly id: number;
  readonly name: string;
  /** Field path and direction, in the order of the index. */
  readonly key: readonly (readonly [path: string, direction: 1 | -1])[];
  readonly unique: boolean;
  readonly sparse: boolean;
  /** BSON of the filter; only documents that match it are in the index. */
  readonly partialFilter?: Buffer;
  /** Kept and shown by `listIndexes`; nothing expires. */
  readonly expireAfterSeconds?: number;
  /** Some document has an array on one of the paths, so it has several keys. */
  multikey: boolean;
  /** Some key was too long and was cut, so the order of keys is not exactly the order of values. */
  truncated: boolean;
  /** It lacks documents that were there before it, and serves no query yet. */
  isUnfinished: boolean;
}

/** The index on `_id`: its keys carry no record id, its values do. */
export const ID_INDEX_NAME = "_id_";

export function isSameKey(a: readonly unknown[], b: readonly unknown[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** An index as it is asked for. */
export type NewIndex = Omit<IndexDefinition, "id" | "multikey" | "truncated" | "isUnfinished">;

/** An index as `listIndexes` shows it, to be encoded by `encodeValue`. */
export function describeIndex(index: NewIndex): PlainDocument {
  return {
    v: 2,
    key: new Map(index.key),
    name: index.name,
    ...(index.unique && index.name !== "_id_" ? { unique: true } : {}),
    ...(index.sparse ? { sparse: true } : {}),
    ...(index.partialFilter === undefined
      ? {}
      : { partialFilterExpression: wholeDocument(index.partialFilter) }),
    ...(index.expireAfterSeconds === undefined ? {} : { expireAfterSeconds: index.expireAfterSeconds }),
  };
}
