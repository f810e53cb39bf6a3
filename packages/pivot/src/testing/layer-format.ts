import { z } from "zod";

const colour = z.string().regex(/^#[0-9a-f]{6}$/i);
const metadata = z.array(z.strictObject({ name: z.string().min(1), value: z.string().min(1) }));
const links = z.array(z.strictObject({ label: z.string().min(1), url: z.url({ protocol: /^https?$/ }) }));

const technique = z.strictObject({
  techniqueID: z.string().regex(/^T\d{4}(\.\d{3})?$/),
  tactic: z.string().optional(),
  comment: z.string().optional(),
  enabled: z.boolean().optional(),
  score: z.number().optional(),
  color: colour.optional(),
  metadata: metadata.optional(),
  links: links.optional(),
  showSubtechniques: z.boolean().optional(),
});

/**
 * Version 4.5 of the layer format, without dividers: https://github.com/mitre-attack/attack-navigator/blob/master/layers/LAYERFORMATv4_5.md.
 * A technique comes once, or once below each tactic.
 */
export const layerFormat = z.strictObject({
  name: z.string().min(1),
  versions: z.strictObject({
    attack: z.string().regex(/^\d+$/).optional(),
    navigator: z.string().regex(/^(4\.9|[5-9]\.\d+)\.\d+$/),
    layer: z.literal("4.5"),
  }),
  domain: z.enum(["enterprise-attack", "mobile-attack", "ics-attack"]),
  description: z.string().optional(),
  sorting: z.int().min(0).max(3).optional(),
  layout: z
    .strictObject({
      layout: z.enum(["side", "flat", "mini"]).optional(),
      showID: z.boolean().optional(),
      showName: z.boolean().optional(),
      showAggregateScores: z.boolean().optional(),
      countUnscored: z.boolean().optional(),
      aggregateFunction: z.enum(["average", "min", "max", "sum"]).optional(),
      expandedSubtechniques: z.enum(["none", "all", "annotated"]).optional(),
    })
    .optional(),
  hideDisabled: z.boolean().optional(),
  techniques: z
    .array(technique)
    .refine(
      (all) => new Set(all.map(({ techniqueID, tactic }) => `${techniqueID} ${tactic}`)).size === all.length,
      "a technique comes twice",
    ),
  gradient: z
    .strictObject({ colors: z.array(colour).min(2), minValue: z.number(), maxValue: z.number() })
    .refine(({ minValue, maxValue }) => maxValue > minValue, "maxValue must be > minValue")
    .optional(),
  legendItems: z.array(z.strictObject({ label: z.string().min(1), color: colour })).optional(),
  showTacticRowBackground: z.boolean().optional(),
  tacticRowBackground: colour.optional(),
  selectTechniquesAcrossTactics: z.boolean().optional(),
  selectSubtechniquesWithParent: z.boolean().optional(),
  selectVisibleTechniques: z.boolean().optional(),
  metadata: metadata.optional(),
  links: links.optional(),
});
