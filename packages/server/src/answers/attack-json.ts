import { attackDomains } from "@cti-connectors/pivot";
import { z } from "zod";

export const attackDomain = z.enum(attackDomains).meta({ description: "domain of ATT&CK" });
const texts = z.array(z.string()).readonly();
/** RFC 3339, in UTC. */
export const time = z.iso.datetime();

/** Names an object of ATT&CK. */
const attackSummary = z
  .object({
    id: z.string().meta({ description: "STIX id" }),
    attack_id: z.string().optional().meta({ example: "T1059.001" }),
    name: z.string().optional(),
    type: z.string().meta({ description: "STIX type", example: "attack-pattern" }),
    url: z.string().optional(),
    tactics: texts,
    deprecated: z.boolean(),
    relations: z.number().meta({ description: "with how many of the objects in question it is related" }),
    descriptions: texts.meta({
      description: "what ATT&CK says about the relation: Markdown, with citations as `(Citation: …)`",
    }),
  })
  .meta({ id: "AttackSummary" });
const summaries = z.array(attackSummary).readonly();

const attackObject = z.object({
  id: z.string().meta({ description: "STIX id" }),
  type: z.string(),
  attack_id: z.string().optional(),
  name: z.string().optional(),
  url: z.string().optional(),
  description: z.string().optional().meta({ description: "Markdown, with citations as `(Citation: …)`" }),
  aliases: texts,
  domains: texts,
  tactics: texts,
  platforms: texts,
  is_subtechnique: z.boolean(),
  attack_version: z.string().optional(),
  revoked: z.boolean(),
  deprecated: z.boolean(),
  created: time.optional(),
  modified: time.optional(),
});

export const attackAnswerJson = z
  .object({
    object: attackObject,
    successor: attackSummary.optional().meta({ description: "what is valid in its place, if it is revoked" }),
    parent: attackSummary.optional(),
    sub_techniques: summaries,
    techniques: summaries,
    software: summaries,
    groups: summaries,
    campaigns: summaries,
    mitigations: summaries.meta({ description: "what covers most of the techniques comes first" }),
    detection_strategies: summaries,
    data_components: summaries,
  })
  .meta({ id: "AttackAnswer" });
export type AttackAnswerJson = z.output<typeof attackAnswerJson>;
