import type { ExtractContext, ExtractedPage, Facts, Listing } from "@cti-connectors/core";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import { assessCollection, countCurrent } from "../freshness/assess-collection.js";
import type { CompleteLoad, CompleteLoads } from "../freshness/complete-load.js";
import { isAnotherChoice, rememberLoad } from "../freshness/complete-load.js";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { createFailedMembers } from "./failed-members.js";

/** What a step remembers: complete loads, and where one that was broken off goes on. */
interface LoadProgress<Current> {
  readonly release: string | null;
  readonly complete: CompleteLoads;
  readonly current: Current | null;
}

export interface ChangedCollection {
  readonly id: string;
  readonly manifest: ManifestSnapshot;
  /** The last complete load. */
  readonly known: CompleteLoad | undefined;
  /** The person asked for another release, so what is gone is meant. */
  readonly acceptsRemovals: boolean;
}

/** How the load of a collection ended. */
export interface LoadedCollection {
  /** All that the manifest lists is stored. */
  readonly isWhole: boolean;
  readonly listings: readonly Listing[];
}

export interface ChangedCollectionsLoad<Current, Progress extends LoadProgress<Current>> {
  /** Where the step loads to. */
  readonly loads: "objects" | "versions";
  /** What the step saved last, as far as it belongs to this API root and these settings. */
  readonly saved: Progress | undefined;
  /** Of `saved`; changed as collections are loaded. */
  readonly complete: CompleteLoads;
  progress(current: Current | null): { readonly checkpoint: Progress };
  /** False: an unchanged manifest does not prove that nothing changed. */
  provesUnchanged?(known: CompleteLoad | undefined): boolean;
  /** Figures of a collection that was loaded, for the report: added to those of the others. */
  factsOf?(id: string): Promise<Facts>;
  /** Loads one collection. Undefined: it came incomplete, and is to be loaded again. */
  load(collection: ChangedCollection): AsyncGenerator<ExtractedPage<Progress>, LoadedCollection | undefined>;
}

/** What the loads of all collections share. */
interface CollectionsRun<Current, Progress extends LoadProgress<Current>> {
  readonly context: ExtractContext<MitreTaxiiConfig, Progress>;
  readonly session: TaxiiSession;
  readonly step: ChangedCollectionsLoad<Current, Progress>;
  /** MITRE_MAX_OBJECTS is set: nothing is remembered. */
  readonly limited: boolean;
  /** Of all collections that were loaded so far. */
  readonly facts: Record<string, number>;
}

/**
 * Loads every collection that is not stored as the server has it, marks what it lists no longer, and remembers that. One that cannot be loaded
 * does not keep the others from it.
 */
export async function* loadChangedCollections<Current, Progress extends LoadProgress<Current>>(
  context: ExtractContext<MitreTaxiiConfig, Progress>,
  session: TaxiiSession,
  step: ChangedCollectionsLoad<Current, Progress>,
): AsyncGenerator<ExtractedPage<Progress>, void> {
  const { config, signal } = context;
  const limited = config.MITRE_MAX_OBJECTS !== undefined;
  if (context.checkpoint !== undefined && step.saved === undefined) {
    const hasLoaded = Object.keys(context.checkpoint.complete).length > 0;
    if (!limited || hasLoaded) {
      yield { records: [], ...step.progress(null) };
    }
    if (signal.aborted) {
      return;
    }
  }
  const run = { context, session, step, limited, facts: {} };
  const failed = createFailedMembers(signal);
  for (const { id } of session.collections) {
    if (session.failed.has(id)) {
      failed.note(id);
    } else {
      yield* failed.attempt(id, loadUnlessUnchanged(run, id));
    }
    if (signal.aborted) {
      return;
    }
  }
  for (const id of failed.names) {
    session.failed.add(id);
  }
  yield* failed.finish();
}

async function* loadUnlessUnchanged<Current, Progress extends LoadProgress<Current>>(
  run: CollectionsRun<Current, Progress>,
  id: string,
): AsyncGenerator<ExtractedPage<Progress>, void> {
  const { context, session, step } = run;
  const { loads, complete, progress, provesUnchanged = () => true } = step;
  // Said once for each collection.
  const level = loads === "objects" ? "info" : "debug";
  const known = complete[id];
  const assessment = await assessCollection(context, session, loads, id, known);
  if (assessment.state === "current") {
    context.log[level]({ collection: id, step: loads }, `${id} is still at the stored release: skipped`);
    session.loaded[loads].add(id);
    return;
  }
  const { manifest } = assessment;
  if (assessment.state === "checked" && provesUnchanged(known)) {
    context.log[level]({ collection: id, step: loads }, `${id} is unchanged: skipped`);
    // Objects that came without a manifest are looked for when a check is due: since the last time that they were.
    if (loads !== "objects" || manifest.versions.size > 0) {
      rememberLoad(complete, id, { manifest, count: known?.count ?? 0, session, now: context.now() });
    }
    session.loaded[loads].add(id);
    yield { records: [], ...progress(null) };
    return;
  }
  yield* loadCollection(run, id, manifest);
}

async function* loadCollection<Current, Progress extends LoadProgress<Current>>(
  { context, session, step, limited, facts }: CollectionsRun<Current, Progress>,
  id: string,
  manifest: ManifestSnapshot,
): AsyncGenerator<ExtractedPage<Progress>, void> {
  const { signal, store } = context;
  const { loads, saved, complete, progress } = step;
  const known = complete[id];
  if (known !== undefined) {
    complete[id] = { ...known, settled: false };
    yield { records: [], ...progress(saved?.current ?? null) };
    if (signal.aborted) {
      return;
    }
  }
  const acceptsRemovals = isAnotherChoice(context.checkpoint?.release, session.release);
  const load = yield* step.load({ id, manifest, known, acceptsRemovals });
  if (signal.aborted || limited || load === undefined) {
    return;
  }
  const before = complete[id];
  if (load.isWhole) {
    rememberLoad(complete, id, { manifest, session, now: context.now() });
  }
  try {
    yield { records: [], ...progress(null), listings: load.listings };
  } catch (error) {
    if (before === undefined) {
      delete complete[id];
    } else {
      complete[id] = before;
    }
    throw error;
  }
  if (signal.aborted || !load.isWhole) {
    return;
  }
  const count = await countCurrent(store, loads, id);
  rememberLoad(complete, id, { manifest, count, session, now: context.now() });
  if (manifest.versions.size > 0) {
    session.loaded[loads].add(id);
  }
  for (const [name, figure] of Object.entries((await step.factsOf?.(id)) ?? {})) {
    facts[name] = (facts[name] ?? 0) + figure;
  }
  yield { records: [], ...progress(null), ...(step.factsOf && { facts: { ...facts } }) };
}
