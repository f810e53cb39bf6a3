import type { LoadDocument } from "@cti-connectors/core";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import type { StixObject } from "../taxii/stix-object.js";
import { versionDocumentId, versionOf } from "./document-id.js";
import { enrichObject } from "./enrich-object.js";

export interface ReceivedObject {
  readonly collection_id: string;
  readonly object: StixObject;
  /** The release that it was found in, where one was asked for. */
  readonly release?: string | undefined;
}

/** The document of one version of an object. */
export function objectDocument(
  { collection_id, object, release }: ReceivedObject,
  { MITRE_MAX_CONTENTS }: Pick<MitreTaxiiConfig, "MITRE_MAX_CONTENTS">,
): LoadDocument {
  return {
    collection: "objects",
    _id: versionDocumentId(collection_id, object.id, versionOf(object)),
    data: { collection_id, objects: [cutContents(object, MITRE_MAX_CONTENTS)] },
    enriched: { ...enrichObject(object), ...(release !== undefined && { releases: [release] }) },
  };
}

/** An `x-mitre-collection` object with at most `max` entries in `x_mitre_contents`; `max` absent: the object itself. */
function cutContents(object: StixObject, max: number | undefined): StixObject {
  const contents = object.x_mitre_contents;
  if (max === undefined || !Array.isArray(contents) || contents.length <= max) {
    return object;
  }
  return { ...object, x_mitre_contents: contents.slice(0, max) };
}
