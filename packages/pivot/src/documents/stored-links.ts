import { z } from "zod";
import type { MalwareFamily } from "./stored-family.js";

const texts = z.array(z.string()).readonly();

/**
 * How a link was found: `table` by hand, `key` by a reference of ATT&CK to the family's page on Malpedia, `name` where the family's own name is
 * that of the software, `alias` where one of the two names is an alias.
 */
const foundBy = z.enum(["table", "key", "name", "alias"]);
export type FoundBy = z.output<typeof foundBy>;

const rejectionReason = z.enum([
  /** The table says that they are different. */
  "table",
  /** They run on different platforms. */
  "platforms",
  /** Two or three characters, or digits only, name too many things. */
  "short_name",
  /** A word for a kind of malware, such as `loader`. */
  "generic_name",
  "name_of_several_software",
  "name_of_several_families",
  /** Aliases of the family are names of different software. */
  "several_software",
  /** A better name of the family is that of other software. */
  "other_software",
  /** Revoked, and what takes its place is not stored. */
  "revoked",
]);
export type RejectionReason = z.output<typeof rejectionReason>;

/** `ambiguous`: nothing is linked, but a person who looks at `rejected` may find that something should be. */
const linkState = z.enum(["linked", "ambiguous", "unlinked"]);
export type LinkState = z.output<typeof linkState>;

const candidate = {
  attack_id: z.string(),
  stix_id: z.string(),
  name: z.string(),
  /** The family's names that are also names of the software, as the family spells them. */
  names: texts,
};

const malwareLink = z.object({
  ...candidate,
  domains: texts,
  found_by: foundBy,
  /** From 0 to 100, as ThreatFox counts. */
  confidence: z.number(),
  deprecated: z.boolean(),
  /** The ATT&CK ids of revoked software that led here. */
  successor_of: texts,
});

/** Software that a family is linked with. */
export interface MalwareLink extends Readonly<z.output<typeof malwareLink>> {}

const rejectedLink = z.object({ ...candidate, reason: rejectionReason });

/** Software that has a name of the family, and is not linked with it. */
export interface RejectedLink extends Readonly<z.output<typeof rejectedLink>> {}

const storedLinks = z.object({
  data: z.object({ malware: z.string(), name: z.string(), aliases: texts }),
  enriched: z.object({
    state: linkState,
    links: z.array(malwareLink).readonly(),
    rejected: z.array(rejectedLink).readonly(),
  }),
});

/** What is known of a family's place in ATT&CK: a document of `malware_links`. */
export interface FamilyLinks extends Readonly<z.output<typeof storedLinks>["enriched"]> {
  readonly family: MalwareFamily;
}

/** Reads a document of the collection `malware_links`. */
export function readStoredLinks(document: unknown): FamilyLinks {
  const { data, enriched } = storedLinks.parse(document);
  return { ...enriched, family: data };
}
