import type { HttpClient } from "@cti-connectors/core";
import { collectionUrl } from "./collections.js";
import { isManifestRecord, type ManifestRecord } from "./manifest-record.js";
import type { TaxiiPage } from "./taxii-page.js";
import { type WalkOptions, walkPages } from "./walk-pages.js";

/** The manifest of a collection, page by page: one record per object version (TAXII 2.1, section 5.3). */
export function walkManifest(
  http: HttpClient,
  root: URL,
  collectionId: string,
  options?: WalkOptions,
): AsyncGenerator<TaxiiPage<ManifestRecord>, void, void> {
  const url = new URL("manifest/", collectionUrl(root, collectionId));
  const request = `manifest of ${collectionId}`;
  return walkPages({ http, url, request, entries: "objects", isItem: isManifestRecord }, options);
}
