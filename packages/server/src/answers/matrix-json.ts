import { z } from "zod";
import { attackDomain } from "./attack-json.js";

const texts = z.array(z.string()).readonly();

const tactic = z.object({
  id: z.string().meta({ description: "STIX id" }),
  attack_id: z.string().optional(),
  name: z.string(),
  short_name: z.string().meta({ description: "what techniques call it", example: "initial-access" }),
  techniques: texts.meta({ description: "ATT&CK ids, without sub-techniques, by name" }),
});

const technique = z.object({
  id: z.string().meta({ description: "STIX id" }),
  attack_id: z.string().meta({ example: "T1059.001" }),
  name: z.string(),
  url: z.string().optional(),
  platforms: texts,
  tactics: texts.meta({ description: "short names" }),
  deprecated: z.boolean(),
  sub_techniques: texts.meta({ description: "ATT&CK ids, in their order" }),
});

export const matrixJson = z
  .object({
    domain: attackDomain,
    release: z.string().optional().meta({ description: "absent: the upstream does not say which" }),
    tactics: z.array(tactic).readonly().meta({ description: "in the matrix's order" }),
    techniques: z
      .record(z.string(), technique)
      .readonly()
      .meta({ description: "by ATT&CK id: techniques and sub-techniques" }),
  })
  .meta({ id: "Matrix" });
export type MatrixJson = z.output<typeof matrixJson>;

const domainReleases = z.object({
  domain: attackDomain,
  name: z.string().meta({ example: "Enterprise" }),
  current: z.string().optional().meta({ description: "what the upstream lists now", example: "18.1" }),
  stored: texts.meta({ description: "oldest first" }),
});

export const releasesJson = z
  .object({ domains: z.array(domainReleases).readonly() })
  .meta({ id: "Releases" });
export type ReleasesJson = z.output<typeof releasesJson>;
