import { changeClasses } from "@cti-connectors/mitre-taxii";
import { z } from "zod";

const texts = z.array(z.string()).readonly();

const counts = {
  added: z.number(),
  modified: z.number().meta({ description: "with those that were revoked and deprecated" }),
  revoked: z.number(),
  deprecated: z.number(),
  withdrawn: z.number(),
  classes: z.record(z.enum(changeClasses), z.number()).meta({
    description: "how many of each class of MITRE's changelogs",
  }),
};

const change = z.object({
  change: z.enum(["added", "modified", "withdrawn"]),
  class: z.enum(changeClasses).optional(),
  type: z.string().meta({ description: "STIX type" }),
  id: z.string().meta({ description: "STIX id" }),
  attack_id: z.string().optional(),
  name: z.string().optional(),
  version: z.string(),
  previous_version: z.string().optional(),
  attack_version: z.string().optional(),
  previous_attack_version: z.string().optional(),
  url: z.string().optional(),
  tactics: texts.optional(),
  revoked: z.literal(true).optional(),
  deprecated: z.literal(true).optional(),
  revoked_by: z
    .object({
      id: z.string(),
      attack_id: z.string().optional(),
      name: z.string().optional(),
      url: z.string().optional(),
    })
    .optional(),
  fields: z
    .array(
      z.object({
        name: z.string(),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
      }),
    )
    .readonly()
    .optional()
    .meta({ description: "with `fields=true`: the STIX properties that differ" }),
});

export const changesJson = z
  .object({
    id: z.string().meta({ description: "of the TAXII collection" }),
    name: z.string(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    releases: texts.meta({ description: "those that are stored, oldest first" }),
    not_compared: z.string().optional().meta({ description: "why nothing could be compared" }),
    same_version: z.number().optional(),
    not_stored: z.number().optional(),
    tactics: texts.meta({ description: "short names, in the matrix's order" }),
    summary: z.object(counts),
    types: z.array(z.object({ type: z.string(), ...counts })).readonly(),
    changes: z.array(change).readonly(),
  })
  .meta({ id: "Changes" });
export type ChangesJson = z.output<typeof changesJson>;
