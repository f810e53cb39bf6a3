import { z } from "zod";

const stixObjectSchema = z.looseObject({
  id: z.string().min(1),
  type: z.string().min(1),
  spec_version: z.string().optional(),
  created: z.iso.datetime({ offset: true }).optional(),
  modified: z.iso.datetime({ offset: true }).optional(),
});

export const stixBundleSchema = z.looseObject({
  type: z.literal("bundle"),
  objects: z.array(stixObjectSchema).default([]),
});

export type BundleObject = z.output<typeof stixObjectSchema>;
export type StixBundle = z.output<typeof stixBundleSchema>;
