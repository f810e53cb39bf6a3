import type { ExtractContext } from "@cti-connectors/core";
import { type ManifestSnapshot, startManifestSnapshot } from "./manifest-snapshot.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { manifestPageLimit } from "./page-limit.js";
import { takeItems } from "./take-items.js";
import type { TaxiiSession } from "./taxii-session.js";

/** What a collection's manifest lists: as the manifest step read it in this run, or else asked for now. */
export async function readManifest(
  { config }: Pick<ExtractContext<MitreTaxiiConfig, unknown>, "config">,
  session: TaxiiSession,
  collectionId: string,
): Promise<ManifestSnapshot> {
  const known = session.manifests.get(collectionId);
  if (known !== undefined) return known;
  const builder = startManifestSnapshot(collectionId, config.MITRE_MAX_OBJECTS === undefined);
  const walk = session.root.manifest(collectionId, { limit: manifestPageLimit(config) });
  for await (const page of takeItems(walk, config.MITRE_MAX_OBJECTS)) builder.add(page);
  const snapshot = builder.finish();
  session.manifests.set(collectionId, snapshot);
  return snapshot;
}
