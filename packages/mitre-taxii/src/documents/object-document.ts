import { type EnrichedObject, foldNames, type LoadDocument } from "@cti-connectors/core";
import { z } from "zod";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import type { StixObject } from "../taxii/stix-object.js";
import { externalReferences, findAttackReference } from "./attack-reference.js";
import { versionDocumentId, versionOf } from "./document-id.js";
import type { RelationshipEnds } from "./relationship-ends.js";
import { parseTimestamp } from "./timestamps.js";

export interface ReceivedObject {
  readonly collection_id: string;
  readonly object: StixObject;
  /** The release that it was found in, where one was asked for. */
  readonly release?: string | undefined;
  /** Of a relationship, as far as its ends are known. */
  readonly ends?: RelationshipEnds | undefined;
}

/** The document of one version of an object. */
export function objectDocument(
  { collection_id, object, release, ends }: ReceivedObject,
  { MITRE_MAX_CONTENTS }: Pick<MitreTaxiiConfig, "MITRE_MAX_CONTENTS">,
): LoadDocument {
  return {
    collection: "objects",
    _id: versionDocumentId(collection_id, object.id, versionOf(object)),
    data: { collection_id, objects: [cutContents(object, MITRE_MAX_CONTENTS)] },
    enriched: { ...enrichObject(object, ends), ...(release !== undefined && { releases: [release] }) },
  };
}

/** An `x-mitre-collection` object with at most `max` entries in `x_mitre_contents`; `max` absent: the object itself. */
function cutContents(object: StixObject, max: number | undefined): StixObject {
  const contents = object.x_mitre_contents;
  if (max === undefined || !Array.isArray(contents) || contents.length <= max) {
    return object;
  }
  return { ...object, x_mitre_contents: contents.slice(0, max) };
}

/** A property of another type than STIX or ATT&CK says is left out of `enriched`; `data` has it as received. */
const text = z.string().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const texts = z.array(z.string()).optional().catch(undefined);
const listOf = <Item extends z.ZodType>(item: Item) =>
  z.array(item.nullable().catch(null)).optional().catch(undefined);

const view = z.object({
  type: z.string(),
  name: text,
  created: text,
  modified: text,
  revoked: flag,
  aliases: texts,
  external_references: externalReferences,
  kill_chain_phases: listOf(z.object({ phase_name: z.string() })),
  relationship_type: text,
  source_ref: text,
  target_ref: text,
  x_mitre_aliases: texts,
  x_mitre_contents: z.array(z.unknown()).optional().catch(undefined),
  x_mitre_deprecated: flag,
  x_mitre_domains: texts,
  x_mitre_is_subtechnique: flag,
  x_mitre_platforms: texts,
  x_mitre_version: text,
});

/**
 * What people ask for, read out of a STIX object: ATT&CK id, name, tactics, platforms, …
 *
 * @param ends of a relationship, as far as they are known
 */
export function enrichObject(object: StixObject, ends?: RelationshipEnds): EnrichedObject {
  const seen = view.parse(object);
  const reference = findAttackReference(seen.external_references);
  const aliases = aliasesOf(seen);
  return {
    attack_id: reference?.external_id,
    // ATT&CK gives some mitigations the id of a technique; this one only techniques have.
    technique_id: seen.type === "attack-pattern" ? reference?.external_id : undefined,
    name: seen.name,
    aliases: orAbsent(aliases),
    folded_names:
      seen.type === "relationship" ? undefined : orAbsent(foldNames([seen.name ?? "", ...aliases])),
    type: seen.type,
    domains: seen.x_mitre_domains,
    tactics: seen.kill_chain_phases?.flatMap((phase) => (phase === null ? [] : [phase.phase_name])),
    platforms: seen.x_mitre_platforms,
    url: reference?.url,
    is_subtechnique: seen.x_mitre_is_subtechnique,
    attack_version: seen.x_mitre_version,
    contents_count: seen.x_mitre_contents?.length,
    revoked: seen.revoked ?? false,
    deprecated: seen.x_mitre_deprecated ?? false,
    created: parseTimestamp(seen.created),
    modified: parseTimestamp(seen.modified),
    relationship_type: seen.relationship_type,
    source_ref: seen.source_ref,
    target_ref: seen.target_ref,
    source: ends?.source,
    target: ends?.target,
    data_components: ends?.data_components,
  };
}

/** Other names, as they are written, each once. ATT&CK lists the name itself among them. */
function aliasesOf({ name, aliases, x_mitre_aliases }: z.output<typeof view>): readonly string[] {
  const all = new Set([...(aliases ?? []), ...(x_mitre_aliases ?? [])]);
  return [...all].filter((alias) => alias !== name);
}

function orAbsent(list: readonly string[]): readonly string[] | undefined {
  return list.length === 0 ? undefined : list;
}
