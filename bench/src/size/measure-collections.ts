import type { Store } from "@cti-connectors/core/host";
import { BSON, type Document } from "mongodb";

export interface CollectionSize {
  readonly name: string;
  readonly documents: number;
  /** BSON of all documents. */
  readonly documentBytes: number;
  /** Of the largest document. */
  readonly largestBytes: number;
  readonly indexes: number;
  /** Keys of all indexes, that of `_id` included: their values as BSON, without what a server adds, and uncompressed. */
  readonly keyBytes: number;
}

/** Reads each collection that connectors have loaded into once. Those that are empty are left out. */
export async function measureCollections({ database }: Store): Promise<readonly CollectionSize[]> {
  const found = await database.listCollections({}, { nameOnly: true }).toArray();
  const names = found.map(({ name }) => name).filter((name) => !name.startsWith("etl_"));
  const sizes: CollectionSize[] = [];
  for (const name of names.sort()) {
    const collection = database.collection(name);
    const keys = (await collection.indexes()).map(({ key }) => Object.keys(key));
    const size = { documents: 0, documentBytes: 0, largestBytes: 0, keyBytes: 0 };
    for await (const document of collection.find()) {
      const bytes = BSON.calculateObjectSize(document);
      size.documents += 1;
      size.documentBytes += bytes;
      size.largestBytes = Math.max(size.largestBytes, bytes);
      size.keyBytes += keys.reduce((sum, fields) => sum + keyBytesOf(document, fields), 0);
    }
    if (size.documents > 0) {
      sizes.push({ name, ...size, indexes: keys.length });
    }
  }
  return sizes;
}

/** A key has one byte of type and the value for each field; a list has a key for each of its values. */
function keyBytesOf(document: Document, fields: readonly string[]): number {
  const lists = fields.map((field) => valuesAt(document, field.split(".")));
  const keys = Math.max(...lists.map((values) => values.length));
  return lists.reduce((sum, values) => {
    const bytes = values.reduce<number>((total, value) => total + bytesOf(value), 0);
    return sum + (values.length === keys ? bytes : bytes * keys);
  }, 0);
}

/** An empty BSON document takes 5 bytes, an empty name 1. */
function bytesOf(value: unknown): number {
  return BSON.calculateObjectSize({ "": value ?? null }) - 6;
}

function valuesAt(value: unknown, path: readonly string[]): readonly unknown[] {
  if (Array.isArray(value)) {
    const found = value.flatMap((item) => valuesAt(item, path));
    return found.length === 0 ? [null] : found;
  }
  const [field, ...rest] = path;
  if (field === undefined) {
    return [value];
  }
  return valuesAt(isDocument(value) ? value[field] : undefined, rest);
}

function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null;
}
