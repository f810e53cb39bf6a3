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

const analyticSummary = attackSummary
  .extend({
    platforms: texts,
    log_sources: z
      .array(
        z.object({
          name: z.string().optional().meta({ example: "WinEventLog:Sysmon" }),
          channel: z.string().optional().meta({ example: "EventCode=1" }),
          data_component: attackSummary.pick({ id: true, attack_id: true, name: true, type: true }),
        }),
      )
      .readonly(),
  })
  .meta({ id: "AnalyticSummary" });

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
    tactics: summaries.meta({ description: "of a matrix or of a domain, in their order" }),
    sub_techniques: summaries,
    techniques: summaries,
    software: summaries,
    groups: summaries,
    campaigns: summaries,
    mitigations: summaries.meta({ description: "what covers most of the techniques comes first" }),
    assets: summaries,
    detection_strategies: summaries,
    analytics: z
      .array(analyticSummary)
      .readonly()
      .meta({ description: "of a detection strategy; an analytic itself" }),
    data_components: summaries,
    data_sources: summaries.meta({ description: "of a data component, before release 18" }),
  })
  .meta({ id: "AttackAnswer" });
export type AttackAnswerJson = z.output<typeof attackAnswerJson>;
