import type { ExtractedPage } from "@cti-connectors/core";
import { countCurrent, isStored, isUnchanged } from "../freshness/assess-collection.js";
import { type CompleteLoad, rememberLoad } from "../freshness/complete-load.js";
import {
  absentManifest,
  confirmManifest,
  type ManifestSnapshot,
  startManifestSnapshot,
} from "../session/manifest-snapshot.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { walkCollection } from "../session/walk-collection.js";
import { findDisputedObjects, isManifestShort, warnOfShortManifest } from "../stored/disputed-objects.js";
import { listingsOf } from "../stored/listings.js";
import { type Load, type LoadPages, progressOf, type SavedLoad } from "./begin-load.js";
import { beginAgain } from "./load-collections.js";

/** Loads the manifest of a collection, unless it is stored as the server has it. */
export async function* loadManifest(load: Load, id: string): LoadPages {
  const { session, complete, acceptsRemovals } = load;
  const known = complete[id];
  if (known !== undefined && (await isCurrent(session, id, known))) {
    session.log.info({ collection: id }, `${id} is still at the stored release: skipped`);
    return;
  }
  yield* beginAgain(load, id);
  const received = yield* loadRecords(load, id, known !== undefined);
  const manifest = session.limited ? received : await withoutDoubt(session, id, received, known?.release);
  session.manifests.set(id, manifest);
  if (session.limited) {
    return;
  }
  yield { records: [], listings: listingsOf("manifest", id, manifest, { acceptsRemovals }) };
  rememberLoad(load, id, manifest, await countCurrent(session.store, "manifest", id));
  yield { records: [], ...progressOf(load) };
}

async function isCurrent(session: TaxiiSession, id: string, known: CompleteLoad): Promise<boolean> {
  return (
    (await isStored(session.store, "manifest", id, known)) &&
    !(await isManifestShort(session, id, known)) &&
    (await isUnchanged(session, id, known))
  );
}

/** Loads the records of a manifest, twice if the server may have passed over some of them. */
async function* loadRecords(load: Load, id: string, wasThere: boolean): LoadPages<ManifestSnapshot> {
  const manifest = yield* readUnlessAbsent(load, id, wasThere);
  if (!manifest.mayHaveSkipped) {
    return manifest;
  }
  load.session.log.warn({ collection: id }, `an answer of the manifest of ${id} was lost: it is read again`);
  return confirmManifest(manifest, yield* walkManifest(load, id));
}

async function* readUnlessAbsent(load: Load, id: string, wasThere: boolean): LoadPages<ManifestSnapshot> {
  try {
    return yield* walkManifest(load, id);
  } catch (error) {
    const { limit } = load.session.limits.of("manifest", id);
    const manifest = absentManifest(id, error, { limit, wasThere });
    load.session.log.info({ collection: id, reason: manifest.absence }, `${id} has no manifest`);
    return manifest;
  }
}

function walkManifest(load: Load, id: string): LoadPages<ManifestSnapshot> {
  const { session } = load;
  const walk = {
    ...({ session, root: session.root, pages: "manifest", id } as const),
    remember: () => (session.limited ? undefined : { records: [], ...progressOf(load) }),
  };
  return walkCollection<ExtractedPage<SavedLoad>, ManifestSnapshot>(walk, undefined, (limit) => {
    const snapshot = startManifestSnapshot(id, limit, !session.limited);
    return {
      add(page) {
        snapshot.add(page);
        return { records: page.entries.map((record) => ({ collection_id: id, record })) };
      },
      finish: snapshot.finish,
    };
  });
}

/** A manifest that leaves out what the release's own table of contents lists is not taken for a whole one. */
async function withoutDoubt(
  session: TaxiiSession,
  id: string,
  manifest: ManifestSnapshot,
  known: string | null | undefined,
): Promise<ManifestSnapshot> {
  if (!manifest.complete || manifest.versions.size === 0) {
    return manifest;
  }
  const disputed = await findDisputedObjects(session, id, manifest, known);
  if (disputed.length === 0) {
    return manifest;
  }
  warnOfShortManifest(session.log, id, disputed.length);
  return { ...manifest, complete: false };
}
