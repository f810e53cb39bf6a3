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

/** Rows under headings, in columns of equal width, without lines: it can be copied and piped. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
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
