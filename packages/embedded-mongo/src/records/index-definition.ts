import type { PlainDocument } from "../bson/bson-document.js";
import { wholeDocument } from "../bson/raw-value.js";
import type { KeyPattern } from "../query/index-keys.js";

/** An index as the catalog keeps it. */
export interface IndexDefinition {
  /** First part of every key of this index. */
  readonly id: number;
  readonly name: string;
  readonly key: KeyPattern;
  readonly unique: boolean;
  readonly sparse: boolean;
  /** BSON of the filter; only documents that match it are in the index. */
  readonly partialFilter?: Buffer;
  /** Kept and shown by `listIndexes`; nothing expires. */
  readonly expireAfterSeconds?: number;
  /** Paths of the key on which some document has an array, so that it has several keys: the index is multikey. */
  multikeyPaths: readonly string[];
  /** Some key was too long and was cut, so the order of keys is not exactly the order of values. */
  truncated: boolean;
  /** It still lacks older documents, and serves no query yet. */
  isUnfinished: boolean;
}

/** The index on `_id`: its keys carry no record id, its values do. */
export const ID_INDEX_NAME = "_id_";

export function isSameKey(a: readonly unknown[], b: readonly unknown[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** An index as requested. */
export type NewIndex = Omit<IndexDefinition, "id" | "multikeyPaths" | "truncated" | "isUnfinished">;

/** An index as `listIndexes` shows it, to be encoded by `encodeValue`. */
export function describeIndex(index: NewIndex): PlainDocument {
  return {
    v: 2,
    key: new Map(index.key),
    name: index.name,
    ...(index.unique && index.name !== ID_INDEX_NAME ? { unique: true } : {}),
    ...(index.sparse ? { sparse: true } : {}),
    ...(index.partialFilter === undefined
      ? {}
      : { partialFilterExpression: wholeDocument(index.partialFilter) }),
    ...(index.expireAfterSeconds === undefined ? {} : { expireAfterSeconds: index.expireAfterSeconds }),
  };
}
