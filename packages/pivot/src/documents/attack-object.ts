import { isJsonObject, type JsonObject } from "@cti-connectors/core";
import { z } from "zod";

const texts = z.array(z.string()).readonly().default([]);

/** Missing in `data` where the property has another type than STIX says. */
const text = z.string().optional().catch(undefined);

const storedObject = z.object({
  data: z.object({
    collection_id: z.string(),
    objects: z.tuple([z.custom<JsonObject>(isJsonObject)]),
  }),
  enriched: z.object({
    type: z.string(),
    attack_id: z.string().optional(),
    name: z.string().optional(),
    url: z.string().optional(),
    aliases: texts,
    domains: texts,
    tactics: texts,
    platforms: texts,
    is_subtechnique: z.boolean().default(false),
    attack_version: z.string().optional(),
    revoked: z.boolean().default(false),
    deprecated: z.boolean().default(false),
    created: z.date().optional(),
    modified: z.date().optional(),
  }),
});

const stixObject = z.object({ id: z.string(), description: text });

/** An object of ATT&CK as it is stored: a technique, group, software, campaign, mitigation, … */
export interface AttackObject extends Readonly<z.output<typeof storedObject>["enriched"]> {
  /** STIX id. */
  readonly id: string;
  /** The TAXII collection that it is stored of. An object can be in several, with the same content. */
  readonly collection_id: string;
  /** Markdown, with citations as `(Citation: …)`. */
  readonly description?: string | undefined;
  /** The STIX object as received. */
  readonly stix: JsonObject;
}

/** What `readAttackObject` needs of a document where only the id of the STIX object counts, and what it refers to. */
export const briefObjectProjection = {
  "data.collection_id": 1,
  "data.objects.id": 1,
  "data.objects.tactic_refs": 1,
  "data.objects.x_mitre_analytic_refs": 1,
  "data.objects.x_mitre_data_source_ref": 1,
  "data.objects.x_mitre_log_source_references": 1,
  "data.objects.x_mitre_shortname": 1,
  enriched: 1,
} as const;

/** Reads a document of the collection `objects`. */
export function readAttackObject(document: unknown): AttackObject {
  const { data, enriched } = storedObject.parse(document);
  const [stix] = data.objects;
  const { id, description } = stixObject.parse(stix);
  return { ...enriched, id, collection_id: data.collection_id, description, stix };
}
