import type { IndexKey } from "@cti-connectors/core";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";

type ReleaseSetting = Pick<MitreTaxiiConfig, "MITRE_RELEASES">;

/** Only where releases are asked for do documents know theirs. */
function byRelease({ MITRE_RELEASES }: ReleaseSetting): readonly IndexKey[] {
  return MITRE_RELEASES === "latest" ? [] : [{ "enriched.releases": 1 }];
}

/** What objects are found by. */
export function objectIndexes(config: ReleaseSetting): readonly IndexKey[] {
  return [
    { "data.collection_id": 1, ingested_at: 1, _id: 1 },
    { "data.objects.id": 1 },
    { "data.objects.x_mitre_analytic_refs": 1 },
    { "data.objects.x_mitre_data_source_ref": 1 },
    { "enriched.attack_id": 1 },
    { "enriched.technique_id": 1 },
    { "enriched.type": 1 },
    { "enriched.name": 1 },
    { "enriched.modified": 1 },
    { "enriched.source_ref": 1, "enriched.relationship_type": 1 },
    { "enriched.target_ref": 1, "enriched.relationship_type": 1 },
    { "enriched.source.attack_id": 1, "enriched.relationship_type": 1 },
    { "enriched.target.attack_id": 1, "enriched.relationship_type": 1 },
    { "enriched.data_components.attack_id": 1 },
    { "enriched.folded_names": 1 },
    { "enriched.tactics": 1 },
    { "enriched.platforms": 1 },
    ...byRelease(config),
  ];
}

/** What the versions of objects are found by. */
export function versionIndexes(config: ReleaseSetting): readonly IndexKey[] {
  return [{ "data.collection_id": 1 }, { "data.object_id": 1 }, ...byRelease(config)];
}
