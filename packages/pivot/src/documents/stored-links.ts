import { z } from "zod";

const texts = z.array(z.string());
const candidate = { attack_id: z.string(), stix_id: z.string(), name: z.string(), names: texts };

const storedLinks = z.object({
  data: z.object({ malware: z.string(), name: z.string(), aliases: texts }),
  enriched: z.object({
    state: z.enum(["linked", "ambiguous", "unlinked"]),
    links: z.array(
      z.object({
        ...candidate,
        domains: texts,
        found_by: z.enum(["table", "key", "name", "alias"]),
        confidence: z.number(),
        deprecated: z.boolean(),
        successor_of: texts,
      }),
    ),
    rejected: z.array(
      z.object({
        ...candidate,
        reason: z.enum([
          "table",
          "platforms",
          "short_name",
          "generic_name",
          "name_of_several_software",
          "name_of_several_families",
          "several_software",
          "other_software",
          "revoked",
        ]),
      }),
    ),
  }),
});

/** A document of `malware_links`: a family and its place in ATT&CK. */
export interface StoredLinks extends Readonly<z.output<typeof storedLinks>["enriched"]> {
  readonly family: Readonly<z.output<typeof storedLinks>["data"]>;
}

/** Reads a document of the collection `malware_links`. */
export function readStoredLinks(document: unknown): StoredLinks {
  const { data, enriched } = storedLinks.parse(document);
  return { ...enriched, family: data };
}
