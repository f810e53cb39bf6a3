import { isJsonObject, type JsonObject, type JsonValue, type LoadDocument } from "@cti-connectors/core";
import { isList } from "./read-objects.js";

const collectionId = "x-mitre-collection--1f5f1533-f617-4ca8-9ab4-6a02367fa019";

/** In the shape of the product's `objects` documents. */
export function toDocuments(objects: readonly JsonObject[]): readonly LoadDocument[] {
  return objects.map((object) => ({
    collection: "objects",
    _id: `${collectionId}/${textOf(object.id)}/${textOf(object.modified)}`,
    data: { collection_id: collectionId, objects: [object] },
    enriched: {
      attack_id: attackIdOf(object.external_references),
      name: textOf(object.name),
      type: textOf(object.type),
    },
  }));
}

function attackIdOf(references: JsonValue | undefined): string {
  const known = isList(references) ? references.filter(isJsonObject) : [];
  return textOf(known.find((one) => one.external_id !== undefined)?.external_id);
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
