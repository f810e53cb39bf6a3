import type { StoreReader } from "@cti-connectors/core";
import { compareReleaseVersions } from "../config/release-version.js";
import type { Changes, CollectionChanges } from "./changes.js";
import { chooseReleases } from "./choose-releases.js";
import { compareContents } from "./compare-contents.js";
import { type ComparedReleases, type DescribedChanges, describeChanges } from "./describe-changes.js";
import { findChangesInPlace } from "./find-changes-in-place.js";
import { findChangesSince } from "./find-changes-since.js";
import { findReleases, type StoredRelease } from "./find-releases.js";
import { findStoredCollections, type StoredCollection } from "./find-stored-collections.js";
import { readHeldVersions } from "./held-versions.js";
import { readTactics } from "./read-tactics.js";
import { summarizeChanges } from "./summarize-changes.js";

/** A requested release is not stored in any collection. */
export class UnknownReleaseError extends Error {
  override readonly name = "UnknownReleaseError";

  constructor(
    readonly release: string,
    /** Those that are, oldest first. */
    readonly stored: readonly string[],
  ) {
    super(
      stored.length === 0
        ? `Release ${release} is not stored: no ATT&CK release is stored yet.`
        : `Release ${release} is not stored; these are: ${stored.join(", ")}.`,
    );
  }
}

interface Detail {
  /** The id of a collection. Default: all that are stored. */
  readonly collection?: string;
  /** Say which fields of each modified object changed, with both values. Default: false. */
  readonly withFields?: boolean;
  /** Include changes of objects that were revoked or deprecated before, too. Default: false, as in MITRE's changelogs. */
  readonly includeRetired?: boolean;
}

/** Two releases, or a time: what was stored then is compared with what is stored now. */
export type ReadChangesOptions = Detail &
  (
    | { readonly since: Date }
    | {
        /** Default: the release before `to`. */
        readonly from?: string;
        /** Default: the newest release. */
        readonly to?: string;
        readonly since?: undefined;
      }
  );

const nothing: DescribedChanges = { changes: [], notStored: 0 };

interface StoredReleases extends StoredCollection {
  readonly stored: readonly StoredRelease[];
}

/**
 * Finds the objects that were added, modified and withdrawn, and which of the modified were revoked or deprecated: between two releases of
 * each stored collection, or since a time. It compares stored documents, sends no request and writes nothing.
 *
 * @throws UnknownReleaseError if a requested release is not stored in any collection
 */
export async function readChanges(reader: StoreReader, options: ReadChangesOptions = {}): Promise<Changes> {
  const collections: StoredReleases[] = [];
  for (const collection of await findStoredCollections(reader)) {
    if (options.collection !== undefined && options.collection !== collection.id) {
      continue;
    }
    collections.push({ ...collection, stored: await findReleases(reader, collection.id) });
  }
  if (options.since !== undefined) {
    const changed: CollectionChanges[] = [];
    for (const collection of collections) {
      changed.push(await readSince(reader, collection, options.since, options));
    }
    return { from: null, to: null, since: options.since.toISOString(), collections: changed };
  }
  const { from, to } = options;
  for (const release of [from, to]) {
    checkRelease(release, collections);
  }
  const compared: CollectionChanges[] = [];
  for (const collection of collections) {
    compared.push(await readBetween(reader, collection, { from, to }, options));
  }
  return {
    from: from ?? sharedBy(compared.map((collection) => collection.from)),
    to: to ?? sharedBy(compared.map((collection) => collection.to)),
    collections: compared,
  };
}

function checkRelease(release: string | undefined, collections: readonly StoredReleases[]): void {
  const stored = new Set(collections.flatMap((collection) => collection.stored.map(({ name }) => name)));
  if (release !== undefined && !stored.has(release)) {
    throw new UnknownReleaseError(release, [...stored].sort(compareReleaseVersions));
  }
}

/** The release, if all have the same. */
function sharedBy(releases: readonly (string | null)[]): string | null {
  const [first, ...others] = new Set(releases.filter((release) => release !== null));
  return first !== undefined && others.length === 0 ? first : null;
}

async function readSince(
  reader: StoreReader,
  { id, name, stored }: StoredReleases,
  since: Date,
  detail: Detail,
): Promise<CollectionChanges> {
  const { changes, sameVersion } = await findChangesSince(reader, id, since);
  return {
    id,
    name,
    from: null,
    to: null,
    releases: stored.map((release) => release.name),
    same_version: sameVersion,
    tactics: await readTactics(reader, id),
    ...summarizeChanges(await describeChanges(reader, id, changes, detail)),
  };
}

/** Compares two releases of one collection, as `readChanges` does. */
export async function readChangesOf(
  reader: StoreReader,
  collection: StoredCollection,
  releases: ComparedReleases,
): Promise<CollectionChanges> {
  const stored = await findReleases(reader, collection.id);
  return readBetween(reader, { ...collection, stored }, releases, {});
}

async function readBetween(
  reader: StoreReader,
  { id, name, stored }: StoredReleases,
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
  detail: Detail,
): Promise<CollectionChanges> {
  const releases = stored.map((release) => release.name);
  const tactics = await readTactics(reader, id);
  const pair = chooseReleases(stored, from, to);
  if ("reason" in pair) {
    const none = { from: null, to: null, releases, tactics, not_compared: pair.reason };
    return { id, name, ...none, ...summarizeChanges(nothing) };
  }
  const found = { id, name, from: pair.from.name, to: pair.to.name, releases, tactics };
  const contents = await readHeldVersions(reader, id, pair.from, pair.to);
  if (contents === undefined) {
    const reason = `${pair.from.name} and ${pair.to.name} are not stored in full`;
    return { ...found, not_compared: reason, ...summarizeChanges(nothing) };
  }
  const between = { from: pair.from.name, to: pair.to.name };
  const changes = [
    ...compareContents(contents.from, contents.to),
    ...(await findChangesInPlace(reader, id, contents, between)),
  ];
  return {
    ...found,
    ...summarizeChanges(await describeChanges(reader, id, changes, { ...detail, between })),
  };
}
