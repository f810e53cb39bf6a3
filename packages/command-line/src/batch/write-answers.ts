import type { ShortAnswer } from "@cti-connectors/pivot";
import { stringify } from "csv-stringify/sync";
import type { BatchInput, BatchRow } from "./read-batch.js";

export const batchFormats = ["ndjson", "csv"] as const;
export type BatchFormat = (typeof batchFormats)[number];

/** A row of the input, and what is known about its value. */
export interface AnsweredRow {
  readonly row: BatchRow;
  readonly answer: ShortAnswer;
}

type Head = Pick<BatchInput, "columns" | "isText">;

/** A line of JSON for each row: `input`, and the answer unless the row has no value. */
export async function* writeAnswerLines(
  { columns, isText }: Head,
  answered: AsyncIterable<AnsweredRow>,
): AsyncGenerator<string, void, undefined> {
  // A JSON object can hold each name only once.
  const names = columns.map((name, at) => (columns.indexOf(name) === at ? name : undefined));
  for await (const { row, answer } of answered) {
    const input = isText
      ? row.cells[0]
      : Object.fromEntries(row.cells.map((cell, at) => [names[at] ?? `column_${at + 1}`, cell]));
    yield `${JSON.stringify({ input, ...(row.term !== "" && answer) })}\n`;
  }
}

type Cell = string | number | boolean | null | undefined;

const answerColumns: Readonly<Record<string, (answer: ShortAnswer) => Cell>> = {
  found: ({ found }) => found,
  read_as: ({ read_as }) => read_as.join(";"),
  iocs: ({ iocs }) => iocs.total,
  iocs_exact: ({ iocs }) => iocs.total_is_exact,
  newest_ioc: ({ iocs }) => iocs.newest?.value,
  malware: ({ iocs }) => iocs.newest?.malware,
  confidence: ({ iocs }) => iocs.newest?.confidence,
  first_seen: ({ iocs }) => iocs.newest?.first_seen?.toISOString(),
  last_seen: ({ iocs }) => iocs.newest?.last_seen?.toISOString(),
  expired: ({ iocs }) => iocs.newest?.expired,
  families: ({ families }) => families.map(({ name }) => name).join(";"),
  attack_ids: ({ attack }) => attack.map(({ attack_id, id }) => attack_id ?? id).join(";"),
  attack_names: ({ attack }) => attack.map(({ name }) => name).join(";"),
  exploited_cve: ({ vulnerability }) => vulnerability?.id,
};

/**
 * CSV (RFC 4180) with a header: the cells of the input as they are, then those of the answer. Lists in a cell are divided by semicolons.
 *
 * A cell of the answer that a spreadsheet would take for a formula gets a `'` before it.
 */
export async function* writeAnswerTable(
  { columns }: Head,
  answered: AsyncIterable<AnsweredRow>,
): AsyncGenerator<string, void, undefined> {
  yield `${toCsv(columns)},${toCsv(Object.keys(answerColumns))}\r\n`;
  for await (const { row, answer } of answered) {
    // Rows may be shorter than the first.
    const input = [...row.cells, ...columns.slice(row.cells.length).map(() => "")];
    const output = Object.values(answerColumns).map((cellOf) => (row.term === "" ? "" : cellOf(answer)));
    yield `${toCsv(input)},${toCsv(output, true)}\r\n`;
  }
}

function toCsv(row: readonly Cell[], escape_formulas = false): string {
  return stringify([[...row]], {
    eof: false,
    escape_formulas,
    quoted_match: /[\r\n]/u,
    cast: { boolean: String },
  });
}
