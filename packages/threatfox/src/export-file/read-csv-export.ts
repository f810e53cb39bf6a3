import { markReplacedBytes, pipeThrough } from "@cti-connectors/core";
import { parse } from "csv-parse";
import { parse as parseLines } from "csv-parse/sync";
import { z } from "zod";
import { UnreadableEntry } from "../record/export-entry.js";
import { continueWith, repairUtf8 } from "./byte-streams.js";
import { ExportFileError } from "./export-file.js";

const longestPreambleBytes = 65_536;
const longestRowBytes = 32_000_000;
const newline = 0x0a;
/** More than the comment lines at the end take. */
const footerBytes = 1_024;
const cutOff = "it ends in the middle of a row: it was cut off";
const idColumn = "ioc_id";
const fields = z.array(z.string());

/**
 * The rows of a CSV export by column, in its order. The columns are named in a comment line above the rows, or in the
 * first row. A row with more or fewer fields comes as an `UnreadableEntry`. `None` stands for null.
 *
 * Below comment lines, as ThreatFox writes them above the rows, another is expected at the end: it tells the number of rows.
 *
 * @throws ExportFileError where the text is another one, ends too early, or has not as many rows as it tells; rows before that place come
 * first
 */
export async function* readCsvExport(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  const { columns, comments, rest } = await readPreamble(chunks);
  const faults: unknown[] = [];
  const parser = parse({
    record_delimiter: ["\r\n", "\n"],
    // A blank stands behind each comma. Quotes within a field are not always doubled.
    ltrim: true,
    relax_quotes: true,
    relax_column_count: true,
    comment: "#",
    comment_no_infix: true,
    skip_empty_lines: true,
    max_record_size: longestRowBytes,
    skip_records_with_error: true,
    on_skip(error) {
      const isCutOff = error?.code === "CSV_QUOTE_NOT_CLOSED";
      faults.push(new ExportFileError(isCutOff ? cutOff : (error?.message ?? "a row is damaged")));
      return undefined;
    },
  });
  const end = { isAtRow: true, text: comments, bytesSinceRow: 0 };
  let rows = 0;
  /** One with other columns may be the start of a row that was cut off. */
  let doubtful: UnreadableEntry | undefined;
  const encoding = { isUtf8: true };
  for await (const row of pipeThrough<unknown>(repairUtf8(untilFault(rest, faults, end), encoding), parser)) {
    rows += 1;
    end.bytesSinceRow = 0;
    if (doubtful !== undefined) {
      yield doubtful;
    }
    const values = fields.parse(row);
    doubtful = values.length === columns.length ? undefined : explainRow(values, columns);
    if (doubtful === undefined) {
      const record = Object.fromEntries(
        columns.map((column, index) => [column, readField(column, values[index])]),
      );
      if (!encoding.isUtf8) {
        markReplacedBytes(record);
      }
      yield record;
    }
  }
  if (doubtful !== undefined && end.isAtRow) {
    yield doubtful;
  } else if (doubtful !== undefined) {
    faults.push(new ExportFileError(cutOff));
  }
  const [fault = findFault(end.text, rows, comments !== "")] = faults;
  if (fault !== undefined) {
    throw fault;
  }
}

function explainRow(values: readonly string[], columns: readonly string[]): UnreadableEntry {
  const fields = values.length === 1 ? "1 field" : `${values.length} fields`;
  return new UnreadableEntry(values, `${fields}, the header names ${columns.length}`);
}

/**
 * A field with a quote in it that is not doubled comes with those around it: `"http://a.example/?q="x""`. No IOC and no
 * reference begins and ends with one of its own; other fields may.
 */
function readField(column: string, value = ""): string | null {
  if (value === "None") {
    return null;
  }
  const isAddress = column === "ioc_value" || column === "reference";
  const isEnclosed = isAddress && value.length > 2 && value.startsWith('"') && value.endsWith('"');
  return isEnclosed ? value.slice(1, -1) : value;
}

/** Whether the comment line at the end is missing, or tells of another number of rows. */
function findFault(end: string, rows: number, isExpected: boolean): ExportFileError | undefined {
  const lines = end.split("\n").map((line) => line.trim());
  const lastRow = lines.findLastIndex((line) => line !== "" && !line.startsWith("#"));
  const told = lines
    .slice(lastRow + 1)
    .flatMap((line) => /^#\s*Number of entries:\s*(\d+)$/u.exec(line)?.[1] ?? [])
    .at(-1);
  if (told === undefined) {
    return isExpected
      ? new ExportFileError(
          `it ends after ${rows} rows without the line that states their number: it was cut off`,
        )
      : undefined;
  }
  return Number(told) === rows
    ? undefined
    : new ExportFileError(`it has ${rows} rows, but its last line says ${told}: a part is missing`);
}

/** A stream that fails takes the rows with it that it has parsed and not handed out, so this one ends instead. */
async function* untilFault(
  chunks: AsyncIterable<Buffer>,
  faults: unknown[],
  end: { isAtRow: boolean; text: string; bytesSinceRow: number },
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of chunks) {
      end.isAtRow = chunk.length === 0 ? end.isAtRow : chunk.at(-1) === newline;
      end.text = (end.text + chunk.subarray(-footerBytes).toString("latin1")).slice(-footerBytes);
      end.bytesSinceRow += chunk.length;
      if (end.bytesSinceRow > longestRowBytes + 2 * chunk.length) {
        throw new ExportFileError(`more than ${longestRowBytes} bytes without the end of a row`);
      }
      yield chunk;
    }
  } catch (error) {
    faults.unshift(error);
  }
}

interface Preamble {
  readonly columns: readonly string[];
  /** The comment lines above the first row, or nothing. */
  readonly comments: string;
  /** From the first row on. */
  readonly rest: AsyncIterable<Buffer>;
}

/** Reads up to the first row below the comment lines. */
async function readPreamble(chunks: AsyncIterable<Buffer>): Promise<Preamble> {
  const source = chunks[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  for (;;) {
    const { done, value } = await source.next();
    start = Buffer.concat([start, value ?? Buffer.alloc(0)]);
    const lines = start.toString("latin1").match(/[^\n]*\n|[^\n]+$/gu) ?? [];
    const isWhole = (line: string) => done === true || line.endsWith("\n");
    const first = lines.findIndex((line) => isWhole(line) && !/^\s*(?:#|$)/u.test(line));
    if (first >= 0 || done === true) {
      const comments = first < 0 ? lines : lines.slice(0, first);
      const isNamed = comments.some((line) => columnsIn(line) !== undefined);
      const columns = [...comments, lines[first] ?? ""]
        .map(columnsIn)
        .findLast((found) => found !== undefined);
      if (columns === undefined) {
        break;
      }
      const above = [...comments, ...(isNamed ? [] : [lines[first] ?? ""])].join("");
      return {
        columns,
        comments: comments.join("").trim(),
        rest: continueWith(start.subarray(above.length), source),
      };
    }
    if (start.length > longestPreambleBytes) {
      break;
    }
  }
  throw new ExportFileError(`no header line: one with "${idColumn}" was expected`);
}

function columnsIn(line: string): readonly string[] | undefined {
  const text = line.replace(/^[\s#]+/u, "");
  const [names] = parseLines(text, { ltrim: true, relax_quotes: true, to: 1 }).map((row) =>
    fields.parse(row),
  );
  return names?.includes(idColumn) ? names : undefined;
}
