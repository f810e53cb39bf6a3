import type { TaxiiFilter } from "./taxii-filter.js";

/**
 * The content of a TAXII server. It may lie in a database: the server asks for one page at a time, and reads the
 * page's objects while it sends them.
 *
 * A source that cannot answer throws: a `TaxiiRefusal` is answered as it says, anything else with 500.
 */
export interface TaxiiSource {
  /**
   * Below which path its API roots lie, from slash to slash: `/api/v21/`. For other paths, the source is not asked which API roots it has.
   * Default: they can lie anywhere.
   */
  readonly below?: string;
  /** They may change while the server runs. The first is the default, by the standard. */
  apiRoots(): Promise<readonly ApiRoot[]>;
  /** @param root the `path` of an API root that `apiRoots` has listed */
  collections(root: string): Promise<readonly SourceCollection[]>;
  /** Only collections that `collections` has listed, and that can be read, are asked for. */
  readPage(query: PageQuery): Promise<SourcePage>;
  /**
   * A text that changes whenever an answer about this API root may change, and that is cheap to find out. With it,
   * content has an `ETag`, and a client that has the content already is answered without `readPage`.
   */
  stamp?(root: string): Promise<string>;
}

export interface ApiRoot {
  /** From slash to slash: `/api/v21/`. One may lie below another. */
  readonly path: string;
  readonly title: string;
  readonly description?: string;
}

export interface SourceCollection {
  readonly id: string;
  /** A name that paths may have in place of the id. */
  readonly alias?: string;
  readonly title: string;
  readonly description?: string;
  /** Default true. Where it is false, the collection is listed, and its content is answered with 403. */
  readonly canRead?: boolean;
}

export interface PageQuery {
  /** The `path` of an API root. */
  readonly root: string;
  /** The id of a collection, never its alias. */
  readonly collection: string;
  readonly filter: TaxiiFilter;
  /** 1 or more, and `Infinity` where the server has no largest page. */
  readonly limit: number;
  /**
   * The `next` of the page before, by the same filter. Absent: the first page. It comes back by way of the client, and
   * a checksum holds it and the filter together, but no secret does: check it like any other input, and throw
   * `badRequest` where it means nothing.
   */
  readonly after?: string;
  /** Aborts when the client hangs up or the page takes too long: nobody waits for it then. */
  readonly signal?: AbortSignal;
}

export interface SourcePage {
  /**
   * At most `limit`, from the earliest `dateAdded` to the latest (TAXII 2.1 §5.3, §5.4). Fewer do not mean that it is the last page: if there
   * is none, and a `next`, the server asks for the next page itself.
   */
  readonly records: readonly SourceRecord[];
  /** Where the next page starts. It needs to work for as long as the content lies still, after a restart too. Absent: this page is the last. */
  readonly next?: string;
  /** The objects of `records` in the same order, each as JSON. Called at most once, and not for a manifest or for versions. */
  objects(): AsyncIterable<string>;
}

/** One version of one object, as the manifest has it. */
export interface SourceRecord {
  readonly id: string;
  /** `modified`, or `created`, or the date added: RFC 3339, in UTC. */
  readonly version: string;
  /** When this version came into the collection: RFC 3339, in UTC. */
  readonly dateAdded: string;
  /** Default `application/stix+json;version=2.1`. */
  readonly mediaType?: string;
}
