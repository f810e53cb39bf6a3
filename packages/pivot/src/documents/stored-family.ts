import { z } from "zod";

const text = z.string().nullable().catch(null);
const texts = z.array(z.string()).default([]).catch([]);

const listedFamily = z.object({
  enriched: z.object({ malware: z.string(), name: text, aliases: texts }),
});

const linkedFamily = z.object({
  data: z.object({ malware: z.string(), name: z.string(), aliases: z.array(z.string()) }),
});

const familyOfIoc = z.object({
  enriched: z.object({ malware: z.string(), malware_name: text, aliases: texts }),
});

/** A malware family as ThreatFox names it. */
export interface MalwareFamily {
  /** Malpedia key, such as `win.cobalt_strike`. */
  readonly malware: string;
  /** The key where ThreatFox gives no name. */
  readonly name: string;
  readonly aliases: readonly string[];
}

/** Reads a document of ThreatFox's list of families, `threatfox_malware`. */
export function readListedFamily(document: unknown): MalwareFamily {
  const { malware, name, aliases } = listedFamily.parse(document).enriched;
  return { malware, name: name ?? malware, aliases };
}

/** Reads the family of an IOC that has one. */
export function readFamilyOfIoc(document: unknown): MalwareFamily {
  const { malware, malware_name, aliases } = familyOfIoc.parse(document).enriched;
  return { malware, name: malware_name ?? malware, aliases };
}

/** Reads the family of a document of `malware_links`. */
export function readLinkedFamily(document: unknown): MalwareFamily {
  return linkedFamily.parse(document).data;
}
