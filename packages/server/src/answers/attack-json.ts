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

/** Without its STIX object. */
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

const attackName = z.object({
  id: z.string().meta({ description: "STIX id" }),
  attack_id: z.string().optional(),
  name: z.string().optional(),
  type: z.string().meta({ description: "STIX type" }),
});

const relationship = z.object({
  id: z.string().meta({ description: "STIX id" }),
  relationship_type: z.string().meta({ example: "uses" }),
  source: attackName,
  target: attackName,
  description: z.string().optional().meta({ description: "Markdown" }),
  references: z
    .array(
      z.object({ source_name: z.string(), url: z.string().optional(), description: z.string().optional() }),
    )
    .readonly()
    .meta({ description: "what the description cites" }),
});
const relationships = z.array(relationship).readonly();
const relatedObject = z.object({ object: attackObject, relationships });

export const relatedJson = z.object({ objects: z.array(relatedObject).readonly() }).meta({
  id: "Related",
  description: "objects, each with the relationships that make it part of the answer",
});
export type RelatedJson = z.output<typeof relatedJson>;

export const proceduresJson = z.object({ relationships }).meta({ id: "Procedures" });
export type ProceduresJson = z.output<typeof proceduresJson>;

const analytic = z.object({
  object: attackObject,
  log_sources: z
    .array(
      z.object({
        name: z.string().optional().meta({ example: "WinEventLog:Sysmon" }),
        channel: z.string().optional().meta({ example: "EventCode=1" }),
        data_component: attackObject,
      }),
    )
    .readonly(),
});

export const detectionsJson = z
  .object({
    strategies: z
      .array(relatedObject.extend({ analytics: z.array(analytic).readonly() }))
      .readonly()
      .meta({ description: "since release 18" }),
    data_components: z.array(relatedObject).readonly(),
  })
  .meta({ id: "Detections" });
export type DetectionsJson = z.output<typeof detectionsJson>;

export const objectsJson = z
  .object({
    objects: z
      .array(
        z.object({
          ...attackName.shape,
          attack_id: z.string(),
          url: z.string().optional(),
          aliases: texts,
          tactics: texts,
          platforms: texts,
          deprecated: z.boolean(),
        }),
      )
      .readonly(),
    next: z
      .string()
      .optional()
      .meta({ description: "`after` of the next page. Absent: this is the last one" }),
  })
  .meta({ id: "Objects" });
export type ObjectsJson = z.output<typeof objectsJson>;

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

export const attackAnswersJson = z
  .object({ objects: z.array(attackAnswerJson).readonly() })
  .meta({ id: "AttackAnswers" });
export type AttackAnswersJson = z.output<typeof attackAnswersJson>;
