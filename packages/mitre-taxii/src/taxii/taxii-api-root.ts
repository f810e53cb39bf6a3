import type { HttpClient } from "@cti-connectors/core";
import { collectionUrl, getCollection, getCollections, type TaxiiCollection } from "./collections.js";
import { type ApiRootInformation, discover, withTrailingSlash } from "./discovery.js";
import type { TaxiiSettingNames } from "./taxii-connection.js";
import { TaxiiError } from "./taxii-error.js";
import type { TaxiiPage } from "./taxii-page.js";
import { type WalkOptions, type WalkTarget, walkPages } from "./walk-pages.js";

/**
 * One API root of a TAXII 2.1 server. Every call sends a request.
 *
 * Methods throw `TaxiiError` if the server refuses the request or its answer is not TAXII, and the HTTP client's error if no answer
 * came. Paged resources are async iterators over pages: leave the loop to stop requesting.
 */
export interface TaxiiApiRoot {
  /** Absolute, ending in a slash. */
  readonly url: string;
  /** Title, versions and limits of the API root. One request. */
  information(): Promise<ApiRootInformation>;
  /** All collections, including those that you cannot read. One request; empty if there are none. */
  collections(): Promise<readonly TaxiiCollection[]>;
  /**
   * One collection. One request.
   *
   * @param id id or alias
   */
  collection(id: string): Promise<TaxiiCollection>;
  /** `ManifestRecord`s, one per object version. */
  manifest(collectionId: string, options?: WalkOptions): AsyncIterable<TaxiiPage>;
  /** `StixObject`s: the last version of each, or those that `match` selects. */
  objects(collectionId: string, options?: WalkOptions): AsyncIterable<TaxiiPage>;
  /** `StixObject`s: one object; several versions of it with `match: { version: "all" }`. */
  object(collectionId: string, objectId: string, options?: WalkOptions): AsyncIterable<TaxiiPage>;
  /**
   * The timestamps of an object's versions, as texts. One request per object: for a whole collection, the manifest with
   * `match: { version: "all" }` returns the same in fewer requests.
   */
  versions(collectionId: string, objectId: string, options?: WalkOptions): AsyncIterable<TaxiiPage>;
}

/** What a load reads of an API root, or of what stands for one. */
export type ReadableRoot = Pick<TaxiiApiRoot, "url" | "collections" | "manifest" | "objects" | "versions">;

/**
 * Opens an API root whose address is known. No request.
 *
 * @param address an API root's URL, with or without a slash at its end
 * @param settingNames the names of settings in error messages; default: the options of this client
 * @throws TypeError if the address is not a URL
 */
export function openApiRoot(
  http: HttpClient,
  address: string | URL,
  settingNames?: TaxiiSettingNames,
): TaxiiApiRoot {
  const connection = { http, settingNames };
  const root = withTrailingSlash(new URL(address));
  return {
    url: root.href,
    async information() {
      const found = await discover(connection, root);
      if (found.kind === "api-root") {
        return found;
      }
      throw new TaxiiError({
        request: "API root",
        url: root.href,
        title: "this is the discovery URL, not an API root",
        description: `it lists ${found.apiRoots.join(", ")}`,
      });
    },
    collections: () => getCollections(connection, root),
    collection: (id) => getCollection(connection, root, id),
    manifest: (id, options) => walk(urlOf(id, "manifest"), `manifest of ${id}`, options),
    objects: (id, options) => walk(urlOf(id, "objects"), `objects of ${id}`, options),
    object: (id, objectId, options) =>
      walk(urlOf(id, "objects", objectId), `object ${objectId} of ${id}`, options),
    versions: (id, objectId, options) =>
      walk(urlOf(id, "objects", objectId, "versions"), `versions of ${objectId}`, options, "versions"),
  };

  function urlOf(collectionId: string, ...path: readonly string[]): URL {
    return new URL(
      path.map((part) => `${encodeURIComponent(part)}/`).join(""),
      collectionUrl(root, collectionId),
    );
  }

  function walk(
    url: URL,
    request: string,
    options: WalkOptions | undefined,
    entries: WalkTarget["entries"] = "objects",
  ): AsyncIterable<TaxiiPage> {
    return walkPages({ connection, url, request, entries }, options);
  }
}
