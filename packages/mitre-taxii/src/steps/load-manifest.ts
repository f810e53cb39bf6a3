import type { ExtractedPage } from "@cti-connectors/core";
import { countCurrent, isStored, isUnchanged } from "../freshness/assess-collection.js";
import { rememberLoad } from "../freshness/complete-load.js";
import { walkAdapting } from "../session/adapt-page-size.js";
import {
  absentManifest,
  confirmManifest,
  type ManifestSnapshot,
  startManifestSnapshot,
} from "../session/manifest-snapshot.js";
import { takeItems } from "../session/take-items.js";
import { findDisputedObjects, isManifestShort, warnOfShortManifest } from "../stored/disputed-objects.js";
import { listingsOf } from "../stored/listings.js";
import type { ManifestLoad, ManifestProgress } from "./manifest-load.js";

type ManifestWalk = AsyncGenerator<ExtractedPage<ManifestProgress>, ManifestSnapshot>;

/** Loads the manifest of a collection, unless it is stored as the server has it. */
export async function* loadManifest(
  load: ManifestLoad,
  id: string,
): AsyncGenerator<ExtractedPage<ManifestProgress>, void> {
  const { context, session, limited, complete, progress, acceptsRemovals } = load;
  const { log, signal, store } = context;
  const known = complete[id];
  if (
    known !== undefined &&
    (await isStored(context, "manifest", id, known)) &&
    !(await isManifestShort(context, id, known)) &&
    (await isUnchanged(context, session, id, known))
  ) {
    log.info({ collection: id }, `${id} is still at the stored release: skipped`);
    return;
  }
  if (known !== undefined) {
    complete[id] = { ...known, settled: false };
    yield { records: [], ...progress() };
    if (signal.aborted) {
      return;
    }
  }
  let received = yield* readManifest(load, id, known !== undefined);
  if (signal.aborted) {
    return;
  }
  if (received.mayHaveSkipped) {
    log.warn({ collection: id }, `an answer of the manifest of ${id} was lost: it is read again`);
    received = confirmManifest(received, yield* walkManifest(load, id));
    if (signal.aborted) {
      return;
    }
  }
  const manifest = limited ? received : await withoutDoubt(load, id, received, known?.release);
  session.manifests.set(id, manifest);
  if (limited) {
    return;
  }
  yield { records: [], listings: listingsOf("manifest", id, manifest, { acceptsRemovals }) };
  if (signal.aborted) {
    return;
  }
  const count = await countCurrent(store, "manifest", id);
  rememberLoad(complete, id, { manifest, count, session, now: context.now() });
  yield { records: [], ...progress() };
}

async function* readManifest(load: ManifestLoad, id: string, wasThere: boolean): ManifestWalk {
  try {
    return yield* walkManifest(load, id);
  } catch (error) {
    const { limit } = load.session.limits.of("manifest", id);
    const manifest = absentManifest(id, error, { limit, wasThere });
    load.context.log.info({ collection: id, reason: manifest.absence }, `${id} has no manifest`);
    return manifest;
  }
}

function walkManifest({ context, session, limited, progress }: ManifestLoad, id: string): ManifestWalk {
  const { config, log, signal } = context;
  const { root, limits } = session;
  const adapting = {
    root,
    limits,
    log,
    pages: "manifest",
    collectionId: id,
    remember: () => (limited ? undefined : { records: [], ...progress() }),
  } as const;
  return walkAdapting(adapting, undefined, async function* (request) {
    const builder = startManifestSnapshot(id, request.limit, !limited);
    if (signal.aborted) {
      return builder.finish();
    }
    for await (const page of takeItems(root.manifest(id, request), config.MITRE_MAX_OBJECTS)) {
      builder.add(page);
      const entries = [...page.items, ...page.malformed];
      yield { records: entries.map((record) => ({ collection_id: id, record })) };
      if (signal.aborted) {
        break;
      }
    }
    return builder.finish();
  });
}

/** A manifest that leaves out what the release's own table of contents lists is not taken for a whole one. */
async function withoutDoubt(
  { context, session }: ManifestLoad,
  id: string,
  manifest: ManifestSnapshot,
  known: string | null | undefined,
): Promise<ManifestSnapshot> {
  if (!manifest.complete || manifest.versions.size === 0) {
    return manifest;
  }
  const disputed = await findDisputedObjects(context, session.root, id, manifest, known);
  if (disputed.length === 0) {
    return manifest;
  }
  warnOfShortManifest(context.log, id, disputed.length);
  return { ...manifest, complete: false };
}
