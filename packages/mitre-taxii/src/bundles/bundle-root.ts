import { parseTimestamp } from "../documents/timestamps.js";
import { parseCollections } from "../taxii/collections.js";
import { taxiiMediaType } from "../taxii/explain-refusal.js";
import type { ManifestRecord } from "../taxii/manifest-record.js";
import { isStixObject } from "../taxii/stix-object.js";
import type { ReadableRoot } from "../taxii/taxii-api-root.js";
import type { TaxiiPage } from "../taxii/taxii-page.js";
import type { Match, WalkOptions } from "../taxii/walk-pages.js";
import type { Bundle, BundledObject, BundleEntry } from "./open-bundle.js";
import { readBundle } from "./read-bundle.js";
import { servedObject } from "./served-object.js";

/**
 * Bundles in the place of an API root of the ATT&CK server: what is loaded from it makes the same documents. Sends no request.
 *
 * Pages have no cursor, and one of another walk is ignored: a file is always read from its start. `unless` and `addedAfter` are ignored,
 * too, as TAXII servers may.
 *
 * @param url of the API root that they stand for, ending in a slash
 * @param bundles one of each collection
 */
export function openBundleRoot(url: string, bundles: readonly Bundle[]): ReadableRoot {
  const entriesOf = async (id: string, match?: Match) => {
    const bundle = bundles.find(({ collectionId }) => collectionId === id);
    return bundle === undefined ? [] : selectEntries(await bundle.entries(), match);
  };
  return {
    url,
    collections: async () => parseCollections(bundles.map(describeCollection)) ?? [],
    async *manifest(id, options) {
      const selected = await entriesOf(id, options?.match);
      yield* inPages(
        selected.flatMap(({ object }) => (object ? [recordOf(object)] : [])),
        options,
      );
    },
    async *objects(id, options) {
      const bundle = bundles.find(({ collectionId }) => collectionId === id);
      yield* inPages(bundle === undefined ? [] : readObjects(bundle, options?.match), options);
    },
    async *versions(id, objectId, options) {
      const selected = await entriesOf(id, { id: objectId, version: "all" });
      yield* inPages(
        selected.flatMap(({ object }) => object?.version ?? []),
        options,
      );
    },
  };
}

/** A collection as the ATT&CK server lists it (TAXII 2.1, section 5.2.1). */
function describeCollection({ collectionId, title, description }: Bundle): object {
  return {
    id: collectionId,
    title,
    ...(description !== undefined && { description }),
    can_read: true,
    can_write: false,
    media_types: [taxiiMediaType, "application/taxii+json"],
  };
}

/** A manifest record as the ATT&CK server makes it: it has no date added, and takes `created` for it. */
function recordOf({ id, created, version }: BundledObject): ManifestRecord {
  return { id, date_added: created, version, media_type: taxiiMediaType };
}

/** Entries that are no STIX object come too, for the quarantine, unless ids or types are asked for. */
async function* readObjects(bundle: Bundle, match: Match = {}): AsyncGenerator<unknown> {
  const isWhole = match.version === "all" && match.id === undefined && match.type === undefined;
  const entries = isWhole ? undefined : await bundle.entries();
  const selected = entries && new Set(selectEntries(entries, match));
  let position = 0;
  for await (const entry of readBundle(bundle)) {
    const known = entries?.[position];
    if (known === undefined || selected?.has(known)) {
      yield isStixObject(entry) ? servedObject(entry) : entry;
    }
    position += 1;
  }
}

/** Where no version is asked for, the last one of each object, as in TAXII. */
function selectEntries(entries: readonly BundleEntry[], match: Match = {}): readonly BundleEntry[] {
  const [ids, types, specVersions, versions] = [match.id, match.type, match.spec_version, match.version].map(
    (values) => (values === undefined ? undefined : new Set([values].flat())),
  );
  const isOther = (wanted: ReadonlySet<string> | undefined, value: string | undefined) =>
    wanted !== undefined && !wanted.has(value ?? "");
  const candidates = entries.filter(({ object }) => {
    if (object === undefined) {
      return ids === undefined && types === undefined && specVersions === undefined;
    }
    const { id, type, specVersion } = object;
    return !isOther(ids, id) && !isOther(types, type) && !isOther(specVersions, specVersion);
  });
  if (versions?.has("all")) {
    return candidates;
  }
  const ends = findEnds(candidates);
  return candidates.filter(
    ({ object }) =>
      object === undefined ||
      versions?.has(object.version) ||
      (versions?.has("first") && ends.get(object.id)?.first === object) ||
      ((versions?.has("last") ?? true) && ends.get(object.id)?.last === object),
  );
}

/** The first and the last version of each object. */
function findEnds(entries: readonly BundleEntry[]) {
  const ends = new Map<string, { first: BundledObject; last: BundledObject }>();
  for (const { object } of entries) {
    const end = object && ends.get(object.id);
    if (object === undefined) {
      continue;
    }
    if (end === undefined) {
      ends.set(object.id, { first: object, last: object });
    } else if (timeOf(object) >= timeOf(end.last)) {
      end.last = object;
    } else if (timeOf(object) < timeOf(end.first)) {
      end.first = object;
    }
  }
  return ends;
}

function timeOf({ version }: BundledObject): number {
  return parseTimestamp(version)?.getTime() ?? 0;
}

async function* inPages(
  entries: Iterable<unknown> | AsyncIterable<unknown>,
  { limit = Number.POSITIVE_INFINITY }: WalkOptions = {},
): AsyncGenerator<TaxiiPage, void, void> {
  let page: unknown[] = [];
  let pages = 0;
  for await (const entry of entries) {
    if (page.length >= limit) {
      yield pageOf(page);
      page = [];
      pages += 1;
    }
    page.push(entry);
  }
  if (page.length > 0 || pages === 0) {
    yield pageOf(page);
  }
}

function pageOf(entries: readonly unknown[]): TaxiiPage {
  return {
    entries,
    ...{ next: undefined, notFound: false, notModified: false, mayHaveSkipped: false, validators: {} },
    ...{ dateAddedFirst: undefined, dateAddedLast: undefined },
  };
}
