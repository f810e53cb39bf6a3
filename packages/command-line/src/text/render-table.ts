import Table from "cli-table3";

export interface Column {
  readonly heading: string;
  readonly align: "left" | "right";
}

/** A column of texts. */
export const left = (heading: string): Column => ({ heading, align: "left" });

/** A column of numbers. */
export const right = (heading: string): Column => ({ heading, align: "right" });

const borders = [
  ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
  ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid"],
];
const noLines = { ...Object.fromEntries(borders.map((border) => [border, ""])), middle: "  " };

export interface TableOptions {
  /** Characters on a line. Default: any number. */
  readonly width?: number;
  /** Cut the texts of the widest column where that makes the table fit: for cells that need not be read whole. */
  readonly shortens?: boolean;
}

/**
 * Rows under headings, in columns of equal width, without lines: it can be copied and piped. Where that is too wide, each row is written
 * as a list of its cells.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width = Number.POSITIVE_INFINITY, shortens = false }: TableOptions = {},
): string {
  const table = layOut(columns, rows);
  const excess = Math.max(...table.split("\n").map(lengthOf)) - width;
  if (excess <= 0) {
    return table;
  }
  const shortened = shortens ? shortenWidest(columns, rows, excess) : undefined;
  return shortened === undefined ? listCells(columns, rows) : layOut(columns, shortened);
}

function layOut(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: columns.map(({ heading }) => heading),
    colAligns: columns.map(({ align }) => align),
    chars: noLines,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** A text of which less is left says too little. */
const shortestCut = 16;

/** @returns undefined where too little would be left */
function shortenWidest(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  excess: number,
): string[][] | undefined {
  const widths = columns.map(({ heading, align }, index) =>
    align === "right" ? 0 : Math.max(lengthOf(heading), ...rows.map((row) => lengthOf(row[index] ?? ""))),
  );
  const widest = widths.indexOf(Math.max(...widths));
  const width = (widths[widest] ?? 0) - excess;
  return width < Math.max(shortestCut, lengthOf(columns[widest]?.heading ?? ""))
    ? undefined
    : rows.map((row) => row.map((cell, index) => (index === widest ? cutTo(cell, width) : cell)));
}

function cutTo(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join("")}…`;
}

function listCells(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const width = Math.max(...columns.map(({ heading }) => lengthOf(heading)));
  return rows
    .map((row) =>
      columns
        .map(({ heading }, index) => `${heading.padEnd(width)}  ${row[index] ?? ""}`.trimEnd())
        .join("\n"),
    )
    .join("\n\n");
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
