import type { Summary } from "./summarize.js";

const header = ["", "median s", "fastest–slowest s", "documents/s", "× insertMany"];

/** One line per variant, numbers aligned to the right. `~` marks what was extrapolated from fewer than all documents. */
export function formatTable(summaries: readonly Summary[], documents: number): string {
  const rows = [
    header,
    ...summaries.map((one) => [
      one.title,
      `${one.measuredDocuments < documents ? "~" : ""}${one.medianSeconds.toFixed(2)}`,
      `${one.fastestSeconds.toFixed(2)}–${one.slowestSeconds.toFixed(2)}`,
      Math.round(one.documentsPerSecond).toLocaleString("en"),
      one.ratioToInsertMany.toFixed(2),
    ]),
  ];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => align(cell, widths[column] ?? 0, column)).join("  "))
    .join("\n");
}

function align(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
