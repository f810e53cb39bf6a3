import type { Facts, Listing } from "@cti-connectors/core";
import { assessCollection, countListed } from "../freshness/assess-collection.js";
import { type CompleteLoad, rememberLoad } from "../freshness/complete-load.js";
import { describeUnchanged } from "../session/describe-unchanged.js";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";
import { type Load, type LoadPages, progressOf, type SavedLoad } from "./begin-load.js";
import { attempt, noFailedMembers, reportFailed } from "./failed-members.js";

/** A collection that is not stored as the server has it. */
export interface ChangedCollection {
  readonly id: string;
  readonly manifest: ManifestSnapshot;
  /** The last complete load. */
  readonly known: CompleteLoad | undefined;
}

/** How the load of a collection ended. */
export interface LoadedCollection {
  /** All that the manifest lists is stored. */
  readonly isWhole: boolean;
  readonly listings: readonly Listing[];
}

/** What a step makes of each collection. */
export interface CollectionLoader {
  /** Where the step loads to. */
  readonly loads: "objects" | "versions";
  /** False: an unchanged manifest does not prove that nothing changed. */
  provesUnchanged(known: CompleteLoad | undefined): boolean;
  /** Figures of a collection that was loaded, for the report: added to those of the others. */
  factsOf?(id: string): Promise<Facts>;
  /** Loads one collection. Undefined: MITRE_MAX_OBJECTS cut it short. */
  load(collection: ChangedCollection): LoadPages<LoadedCollection | undefined>;
}

/** Loads one collection after the other. One that cannot be loaded does not keep the others from it, nor later steps from those. */
export async function* loadEachCollection({ session }: Load, load: (id: string) => LoadPages): LoadPages {
  const failed = noFailedMembers(session.signal);
  for (const { id } of session.collections) {
    if (session.signal.aborted) {
      return;
    }
    if (session.failed.has(id)) {
      failed.names.add(id);
    } else {
      yield* attempt(failed, id, load(id));
    }
  }
  for (const id of failed.names) {
    session.failed.add(id);
  }
  yield* reportFailed(failed);
}

/** Loads every collection that is not stored as the server has it, marks what it lists no longer, and remembers that. */
export async function* loadChangedCollections(load: Load, loader: CollectionLoader): LoadPages {
  yield* forgetOtherLoad(load, null);
  const facts = {};
  yield* loadEachCollection(load, (id) => loadUnlessUnchanged({ load, loader, facts }, id));
}

/** What was loaded from another API root, or with other settings, counts no more. */
export async function* forgetOtherLoad(load: Load, current?: null): LoadPages {
  const { session, found, saved } = load;
  const isOther = found !== undefined && saved === undefined;
  if (isOther && (!session.limited || Object.keys(found.complete).length > 0)) {
    yield { checkpointOnly: progressOf(load, current) };
  }
}

/** While a collection is loaded again, only what is stored shows what is left to do. */
export async function* beginAgain(load: Load, id: string, current?: SavedLoad["current"]): LoadPages {
  const known = load.complete[id];
  if (known !== undefined) {
    load.complete[id] = { ...known, settled: false };
    yield { checkpointOnly: progressOf(load, current) };
  }
}

/** What the loads of all collections share. */
interface CollectionsRun {
  readonly load: Load;
  readonly loader: CollectionLoader;
  /** The figures of all collections that were loaded so far. */
  readonly facts: Record<string, number>;
}

async function* loadUnlessUnchanged(run: CollectionsRun, id: string): LoadPages {
  const { load, loader } = run;
  const { session, complete } = load;
  const { loads } = loader;
  // Said once for each collection.
  const level = loads === "objects" ? "info" : "debug";
  const known = complete[id];
  const assessment = await assessCollection(session, loads, id, known);
  if (assessment.state === "current") {
    session.log[level]({ collection: id, step: loads }, describeUnchanged(session, id, known?.release));
    session.loaded[loads].add(id);
    return;
  }
  const { manifest } = assessment;
  if (assessment.state === "changed" || !loader.provesUnchanged(known)) {
    yield* loadCollection(run, { id, manifest, known });
    return;
  }
  session.log[level]({ collection: id, step: loads }, describeUnchanged(session, id, undefined));
  // Objects that came without a manifest are looked for when a check is due: since the last time that they were.
  if (loads !== "objects" || manifest.versions.size > 0) {
    rememberLoad(load, id, manifest, known?.count ?? 0);
  }
  session.loaded[loads].add(id);
  yield { checkpointOnly: progressOf(load, null) };
}

async function* loadCollection(
  { load, loader, facts }: CollectionsRun,
  collection: ChangedCollection,
): LoadPages {
  const { session } = load;
  const { id, manifest } = collection;
  yield* beginAgain(load, id, load.saved?.current ?? null);
  const loaded = yield* loader.load(collection);
  if (load.session.limited || loaded === undefined) {
    return;
  }
  yield* storeListings(load, collection, loaded);
  if (!loaded.isWhole) {
    return;
  }
  rememberLoad(load, id, manifest, await countListed(session.store, loader.loads, id));
  if (manifest.versions.size > 0) {
    session.loaded[loader.loads].add(id);
  }
  for (const [name, figure] of Object.entries((await loader.factsOf?.(id)) ?? {})) {
    facts[name] = (facts[name] ?? 0) + figure;
  }
  yield { checkpointOnly: progressOf(load, null), ...(loader.factsOf && { facts: { ...facts } }) };
}

/** A listing that is refused is thrown here: then the collection is not loaded as a whole. */
async function* storeListings(
  load: Load,
  { id, manifest }: ChangedCollection,
  { isWhole, listings }: LoadedCollection,
): LoadPages {
  const { complete } = load;
  const before = complete[id];
  if (isWhole) {
    rememberLoad(load, id, manifest);
  }
  try {
    yield { records: [], checkpoint: progressOf(load, null), listings };
  } catch (error) {
    delete complete[id];
    if (before !== undefined) {
      complete[id] = before;
    }
    throw error;
  }
}
