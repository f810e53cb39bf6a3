import type { ExtractContext } from "@cti-connectors/core";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import {
  absentManifest,
  confirmManifest,
  type ManifestSnapshot,
  startManifestSnapshot,
} from "../session/manifest-snapshot.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { type CollectionWalk, readCollection } from "../session/walk-collection.js";
import type { ManifestRecord } from "../taxii/manifest-record.js";
import type { TaxiiApiRoot } from "../taxii/taxii-api-root.js";

type ReadContext = Pick<ExtractContext<MitreTaxiiConfig, unknown>, "config" | "log">;

/**
 * What a collection's manifest lists: as the manifest step read it in this run, or else asked for now.
 *
 * @param wasThere whether an earlier run has read one
 */
export async function readManifest(
  context: ReadContext,
  session: TaxiiSession,
  collectionId: string,
  wasThere: boolean,
): Promise<ManifestSnapshot> {
  const known = session.manifests.get(collectionId);
  if (known !== undefined) {
    return known;
  }
  const { limit } = session.limits.of("manifest", collectionId);
  const snapshot = await readManifestOf(session.root, context, session, collectionId).catch(
    (error: unknown) => absentManifest(collectionId, error, { limit, wasThere }),
  );
  session.manifests.set(collectionId, snapshot);
  return snapshot;
}

/** The same of any API root, asked for now. */
export async function readManifestOf(
  root: TaxiiApiRoot,
  context: ReadContext,
  session: Pick<TaxiiSession, "limits">,
  collectionId: string,
): Promise<ManifestSnapshot> {
  const manifest = await readOnce(root, context, session, collectionId);
  if (!manifest.mayHaveSkipped) {
    return manifest;
  }
  return confirmManifest(manifest, await readOnce(root, context, session, collectionId));
}

function readOnce(
  root: TaxiiApiRoot,
  context: ReadContext,
  session: Pick<TaxiiSession, "limits">,
  collectionId: string,
): Promise<ManifestSnapshot> {
  const isWhole = context.config.MITRE_MAX_OBJECTS === undefined;
  return readCollection(walkOfManifest(root, context, session, collectionId), (limit) =>
    startManifestSnapshot(collectionId, limit, isWhole),
  );
}

/** How the manifest of a collection is walked. */
export function walkOfManifest(
  root: TaxiiApiRoot,
  { config, log }: ReadContext,
  { limits }: Pick<TaxiiSession, "limits">,
  collectionId: string,
): CollectionWalk<ManifestRecord> {
  return {
    ...{ root, limits, log, pages: "manifest", collectionId, max: config.MITRE_MAX_OBJECTS },
    open: (options) => root.manifest(collectionId, options),
  };
}
