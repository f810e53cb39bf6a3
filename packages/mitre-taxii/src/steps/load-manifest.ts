import { countListed, isStored, isUnchanged } from "../freshness/assess-collection.js";
import { type CompleteLoad, rememberLoad } from "../freshness/complete-load.js";
import { walkManifest } from "../freshness/read-manifest.js";
import { describeUnchanged } from "../session/describe-unchanged.js";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { findDisputedObjects, isManifestShort, warnOfShortManifest } from "../stored/disputed-objects.js";
import { listingsOf } from "../stored/listings.js";
import { type Load, type LoadPage, type LoadPages, progressOf } from "./begin-load.js";
import { beginAgain } from "./load-collections.js";

/** Loads the manifest of a collection, unless it is stored as the server has it. */
export async function* loadManifest(load: Load, id: string): LoadPages {
  const { session, complete, acceptsRemovals } = load;
  const known = complete[id];
  if (known !== undefined && (await isCurrent(session, id, known))) {
    session.log.info({ collection: id }, describeUnchanged(session, id, known.release));
    return;
  }
  yield* beginAgain(load, id);
  const wasStored = await session.store.exists("manifest", { "data.collection_id": id });
  const received = yield* loadRecords(load, id, known !== undefined);
  // A manifest leaves out nothing of itself.
  const isDoubtful = wasStored && !session.limited;
  const manifest = isDoubtful ? await withoutDoubt(session, id, received, known?.release) : received;
  session.manifests.set(id, manifest);
  if (session.limited) {
    return;
  }
  yield { records: [], listings: listingsOf(id, manifest, { acceptsRemovals }) };
  rememberLoad(load, id, manifest, await countListed(session.store, "manifest", id));
  yield { checkpointOnly: progressOf(load) };
}

async function isCurrent(session: TaxiiSession, id: string, known: CompleteLoad): Promise<boolean> {
  return (
    (await isStored(session.store, "manifest", id, known)) &&
    !(await isManifestShort(session, id, known)) &&
    (await isUnchanged(session, id, known))
  );
}

async function* loadRecords(load: Load, id: string, wasThere: boolean): LoadPages<ManifestSnapshot> {
  const { session } = load;
  const walk = {
    ...{ session, root: session.root, id, wasThere },
    remember: () => (session.limited ? undefined : { checkpointOnly: progressOf(load) }),
  };
  const manifest = yield* walkManifest<LoadPage>(walk, ({ entries }) => ({
    records: entries.map((record) => ({ collection_id: id, record })),
  }));
  if (manifest.absence !== undefined) {
    session.log.info({ collection: id, reason: manifest.absence }, `${id} has no manifest`);
  }
  return manifest;
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
