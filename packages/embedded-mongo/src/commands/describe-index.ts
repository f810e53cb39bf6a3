import { decodeTyped } from "../bson/bson-codec.js";
import type { PlainDocument } from "../bson/bson-document.js";
import { documentOf } from "../bson/field-order.js";
import type { IndexDefinition } from "../records/index-definition.js";

/** An index as `listIndexes` tells it. */
export function describeIndex(index: Omit<IndexDefinition, "id" | "multikey" | "truncated">): PlainDocument {
  return {
    v: 2,
    key: documentOf(index.key),
    name: index.name,
    ...(index.unique && index.name !== "_id_" ? { unique: true } : {}),
    ...(index.sparse ? { sparse: true } : {}),
    ...(index.partialFilter === undefined
      ? {}
      : { partialFilterExpression: decodeTyped(index.partialFilter) }),
    ...(index.expireAfterSeconds === undefined ? {} : { expireAfterSeconds: index.expireAfterSeconds }),
    ...(index.otherOptions === undefined ? {} : decodeTyped(index.otherOptions)),
  };
}
