import type { MatrixJson } from "@cti-connectors/server/answers";
import type { Mark, Marks } from "./marks.js";

export type MatrixTechnique = MatrixJson["techniques"][string];

export interface MatrixFilter {
  /** Short names. None: all. */
  readonly tactics: readonly string[];
  /** What runs on one of them stays. None: all. */
  readonly platforms: readonly string[];
  /** Leaves out techniques that are not marked, and have no marked sub-technique. */
  readonly onlyMarked: boolean;
}

/** The techniques whose sub-techniques are shown. */
export type Opened = ReadonlySet<string> | "all";

export interface Cell {
  readonly technique: MatrixTechnique;
  readonly isSub: boolean;
  readonly mark?: Mark | undefined;
  /** How many sub-techniques it has below this tactic, and how many of them are marked. */
  readonly subs: number;
  readonly markedSubs: number;
  readonly isOpen: boolean;
}

export interface Column {
  readonly tactic: MatrixJson["tactics"][number];
  readonly cells: readonly Cell[];
  /** Without sub-techniques. */
  readonly techniques: number;
  /** With sub-techniques. */
  readonly marked: number;
}

/** The columns of the matrix, each from top to bottom. */
export function layOut(
  { tactics, techniques }: Pick<MatrixJson, "tactics" | "techniques">,
  { byTechnique }: Pick<Marks, "byTechnique">,
  filter: MatrixFilter,
  opened: Opened,
): readonly Column[] {
  const shown = tactics.filter(
    ({ short_name }) => filter.tactics.length === 0 || filter.tactics.includes(short_name),
  );
  return shown.map((tactic) => {
    const groups = tactic.techniques.flatMap((id) => {
      const technique = techniques[id];
      return technique === undefined ? [] : groupOf(technique);
    });
    return {
      tactic,
      cells: groups.flatMap(({ cell, subs }) => (cell.isOpen ? [cell, ...subs] : [cell])),
      techniques: groups.length,
      marked: groups.reduce((sum, { cell }) => sum + cell.markedSubs + (cell.mark === undefined ? 0 : 1), 0),
    };

    function groupOf(technique: MatrixTechnique) {
      const subs = technique.sub_techniques.flatMap((id) => {
        const sub = techniques[id];
        return sub?.tactics.includes(tactic.short_name) && isOnPlatform(sub, filter) ? [cellOf(sub)] : [];
      });
      const markedSubs = subs.filter(({ mark }) => mark !== undefined);
      const cell = {
        ...cellOf(technique),
        isSub: false,
        subs: subs.length,
        markedSubs: markedSubs.length,
        isOpen: subs.length > 0 && (opened === "all" || opened.has(technique.attack_id)),
      };
      const isShown = filter.onlyMarked
        ? cell.mark !== undefined || markedSubs.length > 0
        : subs.length > 0 || isOnPlatform(technique, filter);
      return isShown ? [{ cell, subs: filter.onlyMarked ? markedSubs : subs }] : [];
    }
  });

  function cellOf(technique: MatrixTechnique): Cell {
    const mark = isOnPlatform(technique, filter) ? byTechnique.get(technique.attack_id) : undefined;
    return { technique, isSub: true, mark, subs: 0, markedSubs: 0, isOpen: false };
  }
}

function isOnPlatform({ platforms }: MatrixTechnique, filter: MatrixFilter): boolean {
  return filter.platforms.length === 0 || platforms.some((platform) => filter.platforms.includes(platform));
}

/** The platforms of all techniques, in alphabetical order. */
export function platformsOf({ techniques }: Pick<MatrixJson, "techniques">): readonly string[] {
  return [...new Set(Object.values(techniques).flatMap(({ platforms }) => platforms))].sort();
}
