import { z } from "zod";
import { attackDomain } from "./attack-json.js";

const metadata = z.array(z.object({ name: z.string(), value: z.string() })).readonly();
const links = z.array(z.object({ label: z.string(), url: z.string() })).readonly();
const colour = z.string().meta({ example: "#66b1ff" });

const technique = z.object({
  techniqueID: z.string(),
  score: z.number().optional(),
  color: colour.optional().meta({ description: "absent: the gradient's colour for the score" }),
  comment: z.string().optional(),
  metadata: metadata.optional(),
  links: links.optional(),
  showSubtechniques: z.boolean().optional(),
});

/** https://github.com/mitre-attack/attack-navigator/blob/master/layers/LAYERFORMATv4_5.md */
export const layerJson = z
  .object({
    name: z.string(),
    versions: z.object({
      attack: z.string().optional(),
      navigator: z.string(),
      layer: z.literal("4.5"),
    }),
    domain: attackDomain,
    description: z.string(),
    layout: z.object({
      layout: z.literal("side"),
      showID: z.boolean(),
      showName: z.boolean(),
      expandedSubtechniques: z.literal("annotated"),
    }),
    techniques: z.array(technique).readonly(),
    gradient: z
      .object({
        colors: z.array(colour).length(2).readonly(),
        minValue: z.number(),
        maxValue: z.number(),
      })
      .optional(),
    legendItems: z.array(z.object({ label: z.string(), color: colour })).readonly(),
    metadata,
    links,
    selectTechniquesAcrossTactics: z.boolean(),
    selectSubtechniquesWithParent: z.boolean(),
  })
  .meta({ id: "Layer", description: "a layer of the ATT&CK Navigator, format 4.5" });
export type LayerJson = z.output<typeof layerJson>;
