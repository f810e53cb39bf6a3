import { z } from "zod";
import { attackAnswerJson, time } from "./attack-json.js";

const text = z.string().nullable();
const texts = z.array(z.string()).readonly();
const date = time.nullable();

export const iocJson = z
  .object({
    id: z.string().meta({ description: "ThreatFox's id" }),
    type: text.meta({ description: "ThreatFox's `ioc_type`", example: "ip:port" }),
    value: z.string(),
    defanged: z.string().meta({ description: "the value, written so that no program makes a link of it" }),
    threat_type: text,
    malware: text.meta({ description: "Malpedia key", example: "win.cobalt_strike" }),
    malware_name: text,
    confidence: z.number().nullable().meta({ description: "0 to 100" }),
    first_seen: date,
    last_seen: date,
    expires_at: date.meta({ description: "when ThreatFox drops it" }),
    expired: z.boolean(),
    reporter: text,
    reference: text,
    tags: texts,
  })
  .meta({ id: "Ioc" });
export type IocJson = z.output<typeof iocJson>;

const link = z.object({
  stix_id: z.string(),
  attack_id: z.string().meta({ example: "S0154" }),
  name: z.string(),
  names: texts.meta({ description: "the family's names that are also names of the software" }),
  domains: texts,
  found_by: z.enum(["table", "key", "name", "alias"]),
  confidence: z.number().meta({ description: "0 to 100" }),
  deprecated: z.boolean(),
  successor_of: texts.meta({ description: "ATT&CK ids of revoked software that led here" }),
});

const family = z
  .object({
    malware: z.string().meta({ description: "Malpedia key" }),
    name: z.string(),
    aliases: texts,
    state: z.enum(["linked", "ambiguous", "unlinked"]),
    links: z.array(link).readonly().meta({ description: "software of ATT&CK that the family is" }),
  })
  .meta({ id: "Family" });

export const vulnerabilityJson = z
  .object({
    id: z.string().meta({ description: "CVE id" }),
    name: text.optional(),
    vendor: text.optional(),
    product: text.optional(),
    added_at: time,
    due_at: date.optional(),
    ransomware: z.boolean().nullable().optional(),
    description: z.string().optional(),
    action: z.string().optional(),
    removed_at: date.meta({ description: "since when it is no longer in CISA's catalogue" }),
  })
  .meta({ id: "Vulnerability" });
export type VulnerabilityJson = z.output<typeof vulnerabilityJson>;

const suggestion = z.object({
  name: z.string(),
  id: z.string().meta({ description: "ATT&CK id, to look it up by" }),
  type: z.string().meta({ description: "STIX type" }),
});
const suggestions = z.array(suggestion).readonly();

export const suggestionsJson = z.object({ suggestions }).meta({ id: "Suggestions" });
export type SuggestionsJson = z.output<typeof suggestionsJson>;

const count = {
  total: z.number(),
  total_is_exact: z.boolean().meta({ description: "false: there are more than `total`" }),
};

const dataState = z.object({
  connector: z.string(),
  loaded_at: time.optional().meta({ description: "when the last complete load ended" }),
  part_loaded_at: time.optional().meta({ description: "when a part was loaded after that" }),
  outdated: z
    .array(z.object({ collection: z.string(), lacks: z.string().optional() }))
    .readonly()
    .optional()
    .meta({ description: "collections in which an older version has stored documents" }),
});

export const lookupJson = z
  .object({
    term: z.string(),
    read_as: texts.meta({ description: "how the term was read", example: ["domain"] }),
    found: z.boolean(),
    iocs: z.object({
      ...count,
      newest: z.array(iocJson).readonly().meta({ description: "those first seen last, newest first" }),
    }),
    families: z.array(family).readonly(),
    attack: z.array(attackAnswerJson).readonly(),
    tactics: texts.meta({ description: "of the techniques in `attack`, in the matrix's order" }),
    vulnerability: vulnerabilityJson.optional(),
    suggestions: suggestions.meta({ description: "names that begin like the term, if nothing was found" }),
    searched: z
      .array(dataState)
      .readonly()
      .meta({ description: "how old the data is, and what it may lack" }),
  })
  .meta({ id: "Lookup" });
export type LookupJson = z.output<typeof lookupJson>;

export const shortAnswerJson = z
  .object({
    term: z.string(),
    read_as: texts,
    found: z.boolean(),
    iocs: z.object({
      ...count,
      newest: iocJson
        .pick({
          value: true,
          malware: true,
          confidence: true,
          first_seen: true,
          last_seen: true,
          expired: true,
        })
        .optional(),
    }),
    families: z.array(family.pick({ malware: true, name: true })).readonly(),
    attack: z
      .array(
        z.object({
          id: z.string(),
          attack_id: z.string().optional(),
          name: z.string().optional(),
          type: z.string(),
        }),
      )
      .readonly(),
    vulnerability: vulnerabilityJson.optional(),
  })
  .meta({ id: "ShortAnswer" });
export type ShortAnswerJson = z.output<typeof shortAnswerJson>;
