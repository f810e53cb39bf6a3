import { defineStep, type JsonObject } from "@cti-connectors/core";
import { z } from "zod";
import { isCheckDue } from "./is-check-due.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { isJsonObject } from "./taxii/stix-object.js";
import { renewSession } from "./taxii-session.js";

const record = z.object({
  api_root: z.url(),
  collections: z.array(z.custom<JsonObject>(isJsonObject, "expected a collection")),
});

/** The API root that was found, so that discovery need not be asked in every run. */
const checkpoint = z.object({
  /** MITRE_TAXII_URL as it was. */
  setting: z.string(),
  root: z.url(),
  discovered_at: z.iso.datetime(),
});

/** Stores which collections the API root lists, as it lists them. */
export const collectionsStep = defineStep({
  name: "collections",
  summary: "the collections of the API root",
  collections: (_config: MitreTaxiiConfig) => [{ name: "collections", indexes: [] }],
  record,
  checkpoint,
  async *extract(context) {
    const { config, checkpoint: saved } = context;
    const startedAt = context.now();
    const isKnown =
      saved?.setting === config.MITRE_TAXII_URL && !isCheckDue(config, saved.discovered_at, startedAt);
    const remembered = isKnown ? saved : undefined;
    const { root, listed, collections } = await renewSession(context, remembered?.root);
    if (collections.length === 0) {
      context.log.warn({ url: root.url }, "the API root has no collection to load");
    }
    yield {
      records: [{ api_root: root.url, collections: listed.map(({ received }) => received) }],
      total: 1,
      checkpoint: {
        setting: config.MITRE_TAXII_URL,
        root: root.url,
        discovered_at: remembered?.root === root.url ? remembered.discovered_at : startedAt.toISOString(),
      },
    };
  },
  transform({ api_root, collections }) {
    return [
      {
        collection: "collections",
        _id: api_root,
        data: collections,
        enriched: {
          collection_ids: textsOf(collections, "id"),
          titles: textsOf(collections, "title"),
        },
      },
    ];
  },
});

function textsOf(collections: readonly JsonObject[], field: string): readonly string[] {
  return collections.map((collection) => collection[field]).filter((value) => typeof value === "string");
}
