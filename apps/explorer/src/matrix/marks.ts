import type { LayerJson } from "@cti-connectors/server/answers";
import { formatCompact, formatCount } from "../parts/numbers.js";
import { type Fill, fillForScore, fillOf, stepsUpTo } from "./palette.js";

/** What the matrix is coloured by. */
export const views = ["iocs", "groups", "subjects", "changes"] as const;
export type MatrixView = (typeof views)[number];

/** How a technique stands out. */
export interface Mark {
  /** Short enough for a cell: it says what the colour says. */
  readonly text: string;
  /** The same in words, such as `1,234 IOCs`. */
  readonly label: string;
  readonly fill: Fill;
  readonly score?: number | undefined;
  readonly comment?: string | undefined;
}

export interface LegendEntry {
  /** As in the cells. */
  readonly text: string;
  readonly label: string;
  readonly fill: Fill;
}

export interface Marks {
  readonly byTechnique: ReadonlyMap<string, Mark>;
  readonly legend: readonly LegendEntry[];
}

/** What a layer says about techniques. A technique that it lists only to unfold it, or with a score of 0, is not marked. */
export function readMarks(layer: LayerJson, view: MatrixView): Marks {
  switch (view) {
    case "iocs":
      return markByScore(layer, "IOC");
    case "groups":
      return markByScore(layer, "group");
    case "subjects":
      return markBySubject(layer);
    case "changes":
      return markByChange(layer);
  }
}

function markByScore({ techniques }: LayerJson, unit: string): Marks {
  const scored = techniques.filter(({ score = 0 }) => score > 0);
  const steps = stepsUpTo(Math.max(0, ...scored.map(({ score = 0 }) => score)));
  const marks = scored.map(({ techniqueID, score = 0, comment }): [string, Mark] => [
    techniqueID,
    {
      text: formatCompact(score),
      label: formatCount(score, unit),
      fill: fillForScore(score, steps),
      score,
      comment,
    },
  ]);
  return { byTechnique: new Map(marks), legend: scored.length === 0 ? [] : legendOf(steps, unit) };
}

function legendOf(steps: readonly number[], unit: string): readonly LegendEntry[] {
  return steps.map((start, index) => {
    const next = steps[index + 1];
    const last = next === undefined ? "+" : next - 1 > start ? `–${formatCompact(next - 1)}` : "";
    const text = `${formatCompact(start)}${last}`;
    return { text, label: next === undefined ? `${unit}s` : "", fill: fillForScore(start, steps) };
  });
}

/** Each subject has a letter; what several use has theirs together, or their number. */
function markBySubject({ techniques, metadata, legendItems, gradient }: LayerJson): Marks {
  const subjects = metadata.map(({ name }) => name).filter((name) => name !== "ATT&CK");
  const letterOf = new Map(subjects.map((name, index) => [name, letter(index)]));
  const colourByScore = new Map(
    legendItems.flatMap(({ label, color }) => {
      const [, users] = /^used by (\d+) of \d+$/.exec(label) ?? [];
      return users === undefined ? [] : [[Number(users), color] as const];
    }),
  );
  const marks = techniques.flatMap(({ techniqueID, score = 0, color, comment, metadata: about = [] }) => {
    const users = about.flatMap(({ name, value }) => (name === "used by" ? [value] : []));
    const fill = color ?? colourByScore.get(score) ?? gradient?.colors[1];
    if (users.length === 0 || fill === undefined) {
      return [];
    }
    const letters = users.map((user) => letterOf.get(user) ?? "?").join("");
    const text = letters.length <= mostLetters ? letters : formatCount(users.length, "user");
    const mark: Mark = { text, label: `used by ${users.join(", ")}`, fill: fillOf(fill), score, comment };
    return [[techniqueID, mark] as const];
  });
  const legend = legendItems.map(({ label, color }) => {
    const subject = subjects.find((name) => label.endsWith(name));
    const text = subject === undefined ? (/\d+/.exec(label)?.[0] ?? "") : (letterOf.get(subject) ?? "");
    return { text, label, fill: fillOf(color) };
  });
  return { byTechnique: new Map(marks), legend };
}

const mostLetters = 4;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

function letter(index: number): string {
  return alphabet[index] ?? `#${index + 1}`;
}

function markByChange({ techniques, legendItems, metadata }: LayerJson): Marks {
  const marks = techniques.flatMap(({ techniqueID, color, comment, metadata: about = [] }) => {
    const change = about.find(({ name }) => name === "change")?.value;
    if (change === undefined || color === undefined) {
      return [];
    }
    const mark: Mark = { text: shortChange(change), label: change, fill: fillOf(color), comment };
    return [[techniqueID, mark] as const];
  });
  const legend = legendItems.map(({ label, color }) => {
    const techniquesOf = metadata.find(({ name }) => name === label)?.value;
    return {
      text: shortChange(label),
      label: techniquesOf === undefined ? label : `${label}: ${techniquesOf}`,
      fill: fillOf(color),
    };
  });
  return { byTechnique: new Map(marks), legend };
}

/** `changed: minor version` → `minor`. */
function shortChange(change: string): string {
  return change.replace(/^changed: /, "").replace(/ version$/, "");
}
