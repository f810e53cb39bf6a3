import {
  absentManifest,
  confirmManifest,
  type ManifestSnapshot,
  startManifestSnapshot,
} from "../session/manifest-snapshot.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { type CollectionWalk, resultOf, walkCollection } from "../session/walk-collection.js";
import type { ReadableRoot } from "../taxii/taxii-api-root.js";
import type { TaxiiPage } from "../taxii/taxii-page.js";

/**
 * What a collection's manifest lists: as the manifest step read it in this run, or else asked for now.
 *
 * @param wasThere whether an earlier run has read one
 */
export async function readManifest(
  session: TaxiiSession,
  collectionId: string,
  wasThere: boolean,
): Promise<ManifestSnapshot> {
  const known = session.manifests.get(collectionId);
  if (known !== undefined) {
    return known;
  }
  const snapshot = await readManifestOf(session.root, session, collectionId, wasThere);
  session.manifests.set(collectionId, snapshot);
  return snapshot;
}

/** What the manifest lists in any API root, asked for now; `wasThere` as for `absentManifest`. */
export async function readManifestOf(
  root: ReadableRoot,
  session: TaxiiSession,
  id: string,
  wasThere: boolean,
): Promise<ManifestSnapshot> {
  return resultOf(walkManifest({ session, root, id, wasThere }, () => undefined));
}

interface ManifestWalk<Page> extends Pick<CollectionWalk<Page>, "root" | "id" | "remember"> {
  readonly session: TaxiiSession;
  /** As for `absentManifest`. */
  readonly wasThere: boolean;
}

/**
 * Walks the pages of a collection's manifest, twice if the server may have passed over some records.
 *
 * @returns what it lists, or what stands for it where there is none
 */
export async function* walkManifest<Page>(
  { wasThere, ...place }: ManifestWalk<Page>,
  pageOf: (page: TaxiiPage) => Page,
): AsyncGenerator<Page, ManifestSnapshot, void> {
  const { session, id } = place;
  const walk = () =>
    walkCollection<Page, ManifestSnapshot>({ ...place, pages: "manifest" }, undefined, (limit) => {
      const snapshot = startManifestSnapshot(id, limit, !session.limited);
      return {
        add(page) {
          snapshot.add(page);
          return pageOf(page);
        },
        finish: snapshot.finish,
      };
    });
  let manifest: ManifestSnapshot;
  try {
    manifest = yield* walk();
  } catch (error) {
    const { limit } = session.limits.of("manifest", id);
    return absentManifest(id, error, { limit, wasThere });
  }
  if (!manifest.mayHaveSkipped) {
    return manifest;
  }
  session.log.warn(
    { collection: id },
    `a page of the manifest of ${id} was lost: reading the manifest again`,
  );
  return confirmManifest(manifest, yield* walk());
}
