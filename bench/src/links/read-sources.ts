import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { LinkableSoftware, MalwareFamily } from "@cti-connectors/pivot";
import { realData } from "@cti-connectors/sandbox/testing";
import { z } from "zod";

export const bundleFiles = [
  "attack/enterprise-attack-18.1.json.gz",
  "attack/mobile-attack-14.1.json.gz",
  "attack/ics-attack-18.1.json.gz",
] as const;
export const exportFile = "threatfox/export-recent-2026-07-24.json.gz";
export const pairsFile = "links/similar.json";

const stixObject = z.object({
  id: z.string(),
  type: z.string(),
  name: z.string().default(""),
  description: z.string().default(""),
  relationship_type: z.string().optional(),
  source_ref: z.string().default(""),
  target_ref: z.string().default(""),
  external_references: z
    .array(z.object({ source_name: z.string(), external_id: z.string().optional() }))
    .default([]),
  x_mitre_aliases: z.array(z.string()).default([]),
  x_mitre_platforms: z.array(z.string()).default([]),
  revoked: z.boolean().default(false),
  x_mitre_deprecated: z.boolean().default(false),
});
const bundle = z.object({ objects: z.array(stixObject) });

const pairs = z.array(
  z.object({
    malpedia: z.string(),
    family: z.string(),
    synonyms: z.array(z.string()),
    attack_id: z.string(),
    software: z.string(),
  }),
);

const threatfoxExport = z.record(
  z.string(),
  z.array(
    z.object({
      malware: z.string(),
      malware_printable: z.string().nullable(),
      malware_alias: z.string().nullable(),
    }),
  ),
);

/** A family and software that MISP galaxy's clusters relate as `similar`. */
export type SimilarPair = z.output<typeof pairs>[number];

/** The pairs that links are measured by. */
export function readPairs(): readonly SimilarPair[] {
  return pairs.parse(JSON.parse(readFileSync(realData(pairsFile), "utf8")));
}

/** The families of the pairs, and those of the export. */
export function readFamilies(similar: readonly SimilarPair[]): readonly MalwareFamily[] {
  const records = threatfoxExport.parse(readGzip(exportFile));
  const exported = Object.values(records)
    .flat()
    .map(({ malware, malware_printable, malware_alias }) => ({
      malware,
      name: malware_printable ?? malware,
      aliases: malware_alias?.split(",") ?? [],
    }));
  const related = similar.map(({ malpedia, family, synonyms }) => ({
    malware: malpedia,
    name: family,
    aliases: synonyms,
  }));
  return [...new Map([...exported, ...related].map((family) => [family.malware, family])).values()];
}

/** Software, and what ATT&CK says of it. */
export interface DescribedSoftware extends LinkableSoftware {
  readonly description: string;
}

/** All software of the bundles. */
export function readSoftware(): readonly DescribedSoftware[] {
  const found = new Map<string, DescribedSoftware>();
  for (const file of bundleFiles) {
    const { objects } = bundle.parse(readGzip(file));
    const domain = file.replace(/^attack\/(.*-attack)-.*$/, "$1");
    const successors = new Map(
      objects
        .filter(({ relationship_type }) => relationship_type === "revoked-by")
        .map(({ source_ref, target_ref }) => [source_ref, target_ref]),
    );
    for (const object of objects.filter(({ type }) => type === "malware" || type === "tool")) {
      const known = found.get(object.id);
      found.set(object.id, {
        attack_id: object.external_references[0]?.external_id ?? "",
        stix_id: object.id,
        name: object.name,
        description: object.description,
        aliases: [...(known?.aliases ?? []), ...object.x_mitre_aliases],
        platforms: [...(known?.platforms ?? []), ...object.x_mitre_platforms],
        domains: [...(known?.domains ?? []), domain],
        malpedia_keys: [],
        revoked: object.revoked,
        deprecated: object.x_mitre_deprecated,
        revoked_by: successors.get(object.id),
      });
    }
  }
  return [...found.values()];
}

function readGzip(file: string): unknown {
  return JSON.parse(gunzipSync(readFileSync(realData(file))).toString());
}
