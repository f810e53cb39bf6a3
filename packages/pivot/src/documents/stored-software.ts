import { z } from "zod";
import { keyOfPage } from "./malpedia-key.js";

const text = z.string().optional().catch(undefined);
const texts = z.array(z.string()).default([]).catch([]);

const storedSoftware = z.object({
  data: z.object({
    objects: z.tuple([
      z.object({
        id: z.string(),
        aliases: texts,
        x_mitre_aliases: texts,
        external_references: z
          .array(z.object({ url: text }).catch({}))
          .default([])
          .catch([]),
      }),
    ]),
  }),
  enriched: z.object({
    attack_id: text,
    name: text,
    platforms: texts,
    domains: texts,
    revoked: z.boolean().default(false),
    deprecated: z.boolean().default(false),
  }),
});

/** Software of ATT&CK, as links read it. */
export interface StoredSoftware {
  /** Such as `S0154`. */
  readonly attack_id: string;
  readonly stix_id: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly platforms: readonly string[];
  /** Such as `enterprise-attack`. */
  readonly domains: readonly string[];
  /** Malpedia keys that its references lead to. */
  readonly malpedia_keys: readonly string[];
  readonly revoked: boolean;
  readonly deprecated: boolean;
}

/** The filter for `objects` that leaves the software that the upstream lists now. */
export const softwareFilter = { "enriched.type": { $in: ["malware", "tool"] }, removed_at: null } as const;

/**
 * Reads a document of the collection `objects`.
 *
 * @returns undefined for software without an ATT&CK id or a name
 */
export function readStoredSoftware(document: unknown): StoredSoftware | undefined {
  const { data, enriched } = storedSoftware.parse(document);
  const [{ id, aliases, x_mitre_aliases, external_references }] = data.objects;
  const { attack_id, name } = enriched;
  if (attack_id === undefined || name === undefined) {
    return undefined;
  }
  return {
    ...enriched,
    ...{ attack_id, name, stix_id: id, aliases: [...new Set([...aliases, ...x_mitre_aliases])] },
    malpedia_keys: external_references.flatMap(({ url = "" }) => keyOfPage(url) ?? []),
  };
}

/** The same software of several domains, as one. */
export function mergeSoftware(software: readonly StoredSoftware[]): readonly StoredSoftware[] {
  const merged = new Map<string, StoredSoftware>();
  for (const one of software) {
    const known = merged.get(one.stix_id);
    merged.set(one.stix_id, known === undefined ? one : mergeTwo(known, one));
  }
  return [...merged.values()];
}

function mergeTwo(one: StoredSoftware, other: StoredSoftware): StoredSoftware {
  const both = (field: "aliases" | "platforms" | "domains" | "malpedia_keys") => [
    ...new Set([...one[field], ...other[field]]),
  ];
  return {
    ...one,
    aliases: both("aliases"),
    platforms: both("platforms"),
    domains: both("domains"),
    malpedia_keys: both("malpedia_keys"),
    revoked: one.revoked && other.revoked,
    deprecated: one.deprecated && other.deprecated,
  };
}
