import { z } from "zod";

/**
 * The parts of STIX 2.1 that exports use, written from the specification (sections 2, 3.2, 4.5, 4.7, 4.11, 5.1, 7.2 and 8)
 * and narrower than it: no property that is not named here, UUIDs of version 5, times with milliseconds.
 */
const id = <Type extends string>(type: Type) =>
  z.templateLiteral([z.literal(type), "--", z.uuid({ version: "v5" })]);
const time = z.string().refine((text) => {
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString() === text && /^(?!0000)\d{4}-/u.test(text);
});
const text = z.string().min(1);
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .min(1)
    .refine((items) => new Set(items).size === items.length);

const tlpClearId = z.literal("marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487");
const externalReference = z
  .strictObject({
    source_name: text,
    description: text.optional(),
    url: z
      .string()
      .regex(/^https?:\/\/[!$&-;=?-Z_a-z~%[\]#@]+$/u)
      .optional(),
    external_id: z
      .string()
      .regex(/^(?!CVE-|CAPEC-)/u)
      .optional(),
  })
  .refine(({ description, url, external_id }) => (description ?? url ?? external_id) !== undefined);

function common<Type extends string>(type: Type) {
  return {
    type: z.literal(type),
    spec_version: z.literal("2.1"),
    id: id(type),
    created: time,
    modified: time,
    external_references: list(externalReference).optional(),
    object_marking_refs: z.tuple([tlpClearId]),
  };
}

const identity = z.strictObject({
  ...common("identity"),
  name: text,
  description: text,
  identity_class: z.literal("organization"),
});

const indicator = z
  .strictObject({
    ...common("indicator"),
    created_by_ref: id("identity"),
    name: text,
    description: text,
    indicator_types: list(z.enum(["malicious-activity", "compromised", "unknown"])),
    pattern: z.string().regex(/^\[.+\]$/su),
    pattern_type: z.literal("stix"),
    pattern_version: z.literal("2.1"),
    valid_from: time,
    valid_until: time.optional(),
    labels: list(text).optional(),
    confidence: z.int().min(0).max(100).optional(),
  })
  .refine(({ valid_from, valid_until }) => valid_until === undefined || valid_until > valid_from);

const malware = z.strictObject({
  ...common("malware"),
  created_by_ref: id("identity"),
  name: text,
  is_family: z.literal(true),
  aliases: list(text).optional(),
});

const relationship = z.strictObject({
  ...common("relationship"),
  created_by_ref: id("identity"),
  relationship_type: z.literal("indicates"),
  source_ref: id("indicator"),
  target_ref: id("malware"),
});

const markingDefinition = z.strictObject({
  type: z.literal("marking-definition"),
  spec_version: z.literal("2.1"),
  id: tlpClearId,
  created: z.literal("2022-10-01T00:00:00.000Z"),
  name: z.literal("TLP:CLEAR"),
  extensions: z.strictObject({
    "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": z.strictObject({
      extension_type: z.literal("property-extension"),
      tlp_2_0: z.literal("clear"),
    }),
  }),
});

const versioned = z
  .discriminatedUnion("type", [identity, indicator, malware, relationship])
  .refine(({ created, modified }) => modified >= created);

export const stixBundle = z
  .strictObject({
    type: z.literal("bundle"),
    id: id("bundle"),
    objects: z.array(z.union([markingDefinition, versioned])),
  })
  .refine(({ objects }) => new Set(objects.map((object) => object.id)).size === objects.length, "ids repeat")
  .refine(({ objects }) => {
    const ids = new Set<string>(objects.map((object) => object.id));
    const references = JSON.stringify(objects).matchAll(/"\w+_refs?":\[?"([^"]+)"/gu);
    return [...references].every(([, reference = ""]) => ids.has(reference));
  }, "a reference leads out of the bundle");
