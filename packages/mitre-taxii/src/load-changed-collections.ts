import type { ExtractContext, ExtractedPage, Facts, Listing } from "@cti-connectors/core";
import { assessCollection, countCurrent } from "./assess-collection.js";
import type { CompleteLoad, CompleteLoads } from "./complete-load.js";
import { createFailedMembers } from "./failed-members.js";
import { isAnotherChoice } from "./is-another-choice.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { rememberLoad } from "./remember-load.js";
import type { TaxiiSession } from "./taxii-session.js";

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
  /** Loads one collection. Undefined: it did not come whole, and is to be loaded again. */
  load(collection: ChangedCollection): AsyncGenerator<ExtractedPage<Progress>, LoadedCollection | undefined>;
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
  const { config, log, signal, store } = context;
  const { loads, saved, complete, progress, provesUnchanged = () => true } = step;
  const limited = config.MITRE_MAX_OBJECTS !== undefined;
  const loaded = session.loaded[loads];
  const facts: Record<string, number> = {};
  // Said once for each collection.
  const level = loads === "objects" ? "info" : "debug";

  if (context.checkpoint !== undefined && saved === undefined) {
    const hasLoaded = Object.keys(context.checkpoint.complete).length > 0;
    if (!limited || hasLoaded) yield { records: [], ...progress(null) };
    if (signal.aborted) return;
  }
  const failed = createFailedMembers(signal);
  const acceptsRemovals = isAnotherChoice(context.checkpoint?.release, session.release);

  async function* loadCollection(id: string): AsyncGenerator<ExtractedPage<Progress>, void> {
    const known = complete[id];
    const assessment = await assessCollection(context, session, loads, id, known);
    if (assessment.state === "current") {
      log[level](
        { collection: id, step: loads },
        `${id} still holds the release that is stored: nothing to do`,
      );
      loaded.add(id);
      return;
    }
    const { manifest } = assessment;
    if (assessment.state === "checked" && provesUnchanged(known)) {
      log[level]({ collection: id, step: loads }, `${id} still lists exactly what is stored: nothing to do`);
      // Objects that came without a manifest are looked for when a check is due: since the last time that they were.
      if (loads !== "objects" || manifest.versions.size > 0) {
        rememberLoad(complete, id, { manifest, count: known?.count ?? 0, session, now: context.now() });
      }
      loaded.add(id);
      yield { records: [], ...progress(null) };
      return;
    }
    if (known !== undefined) {
      complete[id] = { ...known, settled: false };
      yield { records: [], ...progress(saved?.current ?? null) };
      if (signal.aborted) return;
    }
    const load = yield* step.load({ id, manifest, known, acceptsRemovals });
    if (signal.aborted || limited || load === undefined) return;
    const before = complete[id];
    if (load.isWhole) rememberLoad(complete, id, { manifest, session, now: context.now() });
    try {
      yield { records: [], ...progress(null), listings: load.listings };
    } catch (error) {
      if (before === undefined) delete complete[id];
      else complete[id] = before;
      throw error;
    }
    if (signal.aborted || !load.isWhole) return;
    const count = await countCurrent(store, loads, id);
    rememberLoad(complete, id, { manifest, count, session, now: context.now() });
    if (manifest.versions.size > 0) loaded.add(id);
    for (const [name, figure] of Object.entries((await step.factsOf?.(id)) ?? {})) {
      facts[name] = (facts[name] ?? 0) + figure;
    }
    yield { records: [], ...progress(null), ...(step.factsOf && { facts: { ...facts } }) };
  }

  for (const { id } of session.collections) {
    if (session.failed.has(id)) failed.note(id);
    else yield* failed.attempt(id, loadCollection(id));
    if (signal.aborted) return;
  }
  for (const id of failed.names) session.failed.add(id);
  yield* failed.finish();
}
