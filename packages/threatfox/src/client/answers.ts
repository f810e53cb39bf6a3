import { z } from "zod";

// A field of another type than expected reads as null: ThreatFox's fields come and go, and none but id and ioc is
// worth refusing an answer for. Unknown fields are kept.
const text = z.string().nullable().catch(null).default(null);

const iocFields = {
  id: z.union([z.string(), z.int().transform(String)]),
  ioc: z.string(),
  threat_type: text,
  ioc_type: text,
  malware: text,
  malware_printable: text,
  malware_alias: text,
  confidence_level: z.number().nullable().catch(null).default(null),
  first_seen: text,
  last_seen: text,
  reference: text,
  reporter: text,
  tags: z.array(z.string()).nullable().catch(null).default(null),
};

/** One IOC of a list. */
export const iocAnswer = z.looseObject(iocFields);
/** @see iocAnswer */
export type Ioc = z.output<typeof iocAnswer>;

/** One IOC with what the query `ioc` adds. */
export const iocDetailsAnswer = z.looseObject({
  ...iocFields,
  comment: text,
  malware_samples: z.array(z.looseObject({})).nullable().catch(null).default(null),
});
/** @see iocDetailsAnswer */
export type IocDetails = z.output<typeof iocDetailsAnswer>;

/** One label of a malware family. */
export const labelAnswer = z.looseObject({ malware: text, malware_printable: text });
/** @see labelAnswer */
export type Label = z.output<typeof labelAnswer>;

/** One family of `malware_list`. */
export const malwareAnswer = z.looseObject({ malware_printable: text, malware_alias: text });
/** @see malwareAnswer */
export type Malware = z.output<typeof malwareAnswer>;

/** One kind of IOC of `types`. */
export const typeAnswer = z.looseObject({ ioc_type: text, fk_threat_type: text, description: text });
/** @see typeAnswer */
export type IocType = z.output<typeof typeAnswer>;

/** One tag of `tag_list`. */
export const tagAnswer = z.looseObject({ first_seen: text, last_seen: text });
/** @see tagAnswer */
export type Tag = z.output<typeof tagAnswer>;
