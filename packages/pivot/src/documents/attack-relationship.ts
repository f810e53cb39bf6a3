import { z } from "zod";

/** Missing where the property has another type than STIX says. */
const text = z.string().optional().catch(undefined);

const citation = z.object({ source_name: z.string(), url: text, description: text });

const storedRelationship = z.object({
  data: z.object({
    objects: z.tuple([
      z.object({
        id: z.string(),
        description: text,
        external_references: z.array(citation.nullable().catch(null)).default([]).catch([]),
      }),
    ]),
  }),
  enriched: z.object({
    relationship_type: z.string(),
    source_ref: z.string(),
    target_ref: z.string(),
    modified: z.date().optional(),
    /** Of a detection: what it reads. */
    data_components: z.array(z.object({ attack_id: text })).default([]),
  }),
});

/** A source that ATT&CK cites. */
export interface Citation extends Readonly<z.output<typeof citation>> {}

/** A relationship as it is stored. */
export interface StoredRelationship extends Readonly<z.output<typeof storedRelationship>["enriched"]> {
  /** STIX id. */
  readonly id: string;
  readonly description?: string | undefined;
  readonly references: readonly Citation[];
}

/** What `readStoredRelationship` needs of a document where citations do not count. */
export const briefRelationshipProjection = {
  "data.objects.id": 1,
  "data.objects.description": 1,
  "enriched.relationship_type": 1,
  "enriched.source_ref": 1,
  "enriched.target_ref": 1,
  "enriched.modified": 1,
  "enriched.data_components": 1,
} as const;

/** Reads a document of the collection `objects` that holds a relationship with both its ends. */
export function readStoredRelationship(document: unknown): StoredRelationship {
  const { data, enriched } = storedRelationship.parse(document);
  const [{ id, description, external_references }] = data.objects;
  const references = external_references.filter((reference) => reference !== null);
  return { ...enriched, id, description, references };
}
