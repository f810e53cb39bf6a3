import {
  absentManifest,
  confirmManifest,
  type ManifestSnapshot,
  startManifestSnapshot,
} from "../session/manifest-snapshot.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { readCollection } from "../session/walk-collection.js";
import type { TaxiiApiRoot } from "../taxii/taxii-api-root.js";

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
  root: TaxiiApiRoot,
  session: TaxiiSession,
  collectionId: string,
  wasThere: boolean,
): Promise<ManifestSnapshot> {
  const { limit } = session.limits.of("manifest", collectionId);
  const read = () =>
    readCollection({ session, root, pages: "manifest", id: collectionId }, (limit) =>
      startManifestSnapshot(collectionId, limit, !session.limited),
    );
  try {
    const manifest = await read();
    return manifest.mayHaveSkipped ? confirmManifest(manifest, await read()) : manifest;
  } catch (error) {
    return absentManifest(collectionId, error, { limit, wasThere });
  }
}
