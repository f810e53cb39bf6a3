import { oneLine } from "@cti-connectors/core";
import type { DemoAnswer } from "@cti-connectors/core/host";
import { spellMongosh } from "../text/mongosh.js";
import { left, renderTable, right } from "../text/render-table.js";

/** The longest text of a cell; a SHA-512 fits. */
const longestCell = 128;

/**
 * The questions of a demo, each with the query that people can copy, and its answer.
 *
 * @param width characters on a line
 */
export function showDemo(answers: readonly DemoAnswer[], width: number): string {
  return answers.flatMap((answer) => showAnswer(answer, width)).join("\n");
}

function showAnswer(
  { question, collection, filter, sort, limit, columns, rows }: DemoAnswer,
  width: number,
): string[] {
  // Where fewer were found, the query gives the same without a limit.
  const limited = rows.length === limit ? { limit } : {};
  const headings = Object.keys(columns).map((heading, index) =>
    rows.every((row) => isNumberOrNone(row[index])) ? right(heading) : left(heading),
  );
  const table =
    rows.length === 0
      ? "nothing was found"
      : renderTable(
          headings,
          rows.map((row) => row.map(showCell)),
          { width: width - 4, shortens: true },
        );
  return [
    question,
    spellMongosh({ collection, filter, sort, ...limited }, width - 2).replaceAll(/^/gm, "  "),
    table.replaceAll(/^(?=.)/gm, "    "),
    "",
  ];
}

function isNumberOrNone(cell: unknown): boolean {
  return cell === undefined || cell === null || typeof cell === "number";
}

function showCell(cell: unknown): string {
  const text = Array.isArray(cell) ? cell.map(showValue).join(", ") : showValue(cell);
  return text === "" ? none : oneLine(text, longestCell);
}

const none = "–";

function showValue(value: unknown): string {
  if (value === undefined || value === null) {
    return none;
  }
  if (value instanceof Date) {
    return value.toISOString().slice(0, "2026-11-01T10:00".length).replace("T", " ");
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
