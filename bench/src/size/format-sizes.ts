import { formatTable } from "../format-table.js";
import type { CollectionSize } from "./measure-collections.js";

const header = [
  "",
  "documents",
  "bytes/document",
  "largest",
  "indexes",
  "key bytes/document",
  "BSON MB",
  "keys MB",
];

/** One line per collection. */
export function formatSizes(collections: readonly CollectionSize[]): string {
  return formatTable(
    header,
    collections.map(({ name, documents, documentBytes, largestBytes, indexes, keyBytes }) => [
      name,
      documents.toLocaleString("en"),
      Math.round(documentBytes / documents).toLocaleString("en"),
      largestBytes.toLocaleString("en"),
      String(indexes),
      Math.round(keyBytes / documents).toLocaleString("en"),
      (documentBytes / 1e6).toFixed(1),
      (keyBytes / 1e6).toFixed(1),
    ]),
  );
}
