import type { JsonObject, LoadDocument } from "@cti-connectors/core";

/** The document of an API root: which collections it lists. */
export function collectionsDocument(apiRoot: string, collections: readonly JsonObject[]): LoadDocument {
  return {
    collection: "collections",
    _id: apiRoot,
    data: collections,
    enriched: {
      collection_ids: textsOf(collections, "id"),
      titles: textsOf(collections, "title"),
    },
  };
}

function textsOf(collections: readonly JsonObject[], field: string): readonly string[] {
  return collections.map((collection) => collection[field]).filter((value) => typeof value === "string");
}
