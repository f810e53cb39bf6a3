import type { CollectionSpec } from "@cti-connectors/core";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";

type ReleaseSetting = Pick<MitreTaxiiConfig, "MITRE_RELEASES">;

/** Only where releases are asked for do documents know theirs. */
function byRelease({ MITRE_RELEASES }: ReleaseSetting): CollectionSpec["indexes"] {
  return MITRE_RELEASES === "latest" ? [] : [{ key: { "enriched.releases": 1 } }];
}

/** Where objects are loaded to. */
export function objectsCollection(config: ReleaseSetting): CollectionSpec {
  return {
    name: "objects",
    indexes: [
      { key: { "data.collection_id": 1 } },
      { key: { "data.objects.id": 1 } },
      { key: { "enriched.attack_id": 1 } },
      { key: { "enriched.technique_id": 1 } },
      { key: { "enriched.type": 1 } },
      { key: { "enriched.name": 1 } },
      { key: { "enriched.modified": 1 } },
      { key: { "enriched.source_ref": 1 } },
      { key: { "enriched.target_ref": 1 } },
      ...byRelease(config),
    ],
  };
}

/** Where the versions of objects are loaded to. */
export function versionsCollection(config: ReleaseSetting): CollectionSpec {
  return {
    name: "versions",
    indexes: [{ key: { "data.collection_id": 1 } }, { key: { "data.object_id": 1 } }, ...byRelease(config)],
  };
}
