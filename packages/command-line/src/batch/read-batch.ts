import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { addAbortSignal, type Readable } from "node:stream";
import { TextDecoder } from "node:util";
import { pipeThrough } from "@cti-connectors/core";
import { expandPath } from "@cti-connectors/core/host";
import { CsvError, parse } from "csv-parse";
import { z } from "zod";
import { UsageError } from "../process/exit-status.js";

/** A line or row of the input. */
export interface BatchRow {
  readonly cells: readonly string[];
  /** What is looked up; empty for an empty line or a comment. */
  readonly term: string;
}

/** Values to look up, in their order. */
export interface BatchInput {
  /** What the cells are called. */
  readonly columns: readonly string[];
  /** Whether each row is a line of text, and not of CSV. */
  readonly isText: boolean;
  readonly rows: AsyncIterable<BatchRow>;
}

export interface BatchSource {
  /** `-`: standard input. */
  readonly file: string;
  /** What a relative file is relative to. */
  readonly folder: string;
  /** The column of a CSV file: its name in the first row, or its number from 1 where there is no such row. Absent: one value a line. */
  readonly column?: string;
}

/**
 * Opens values to look up: lines, of which those that begin with `#` are comments, or a column of a CSV file.
 *
 * @throws UsageError where the file cannot be opened or has no such column
 */
export async function openBatch(
  { file, folder, column }: BatchSource,
  signal: AbortSignal,
): Promise<BatchInput> {
  const chunks = addAbortSignal(signal, await openStream(file, folder));
  return column === undefined
    ? { columns: ["input"], isText: true, rows: readLines(chunks) }
    : readColumn(chunks, column);
}

async function openStream(file: string, folder: string): Promise<Readable> {
  if (file === "-") {
    return process.stdin;
  }
  const path = resolve(folder, expandPath("--batch", file));
  const handle = await open(path).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--batch: ${path} cannot be read: ${reason}.`, { cause: error });
  });
  if ((await handle.stat()).isDirectory()) {
    await handle.close();
    throw new UsageError(`--batch: ${path} is a folder: name a file, or - for stdin.`);
  }
  return handle.createReadStream();
}

/** Longer than any indicator: what comes without a line break is no list. */
const longestRow = 1_000_000;

/** PowerShell 5 writes UTF-16, and says so in the first two bytes. */
function decoderOf(start: Buffer): TextDecoder {
  return new TextDecoder(start[0] === 0xff && start[1] === 0xfe ? "utf-16le" : "utf-8");
}

async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<BatchRow, void, undefined> {
  let decoder: TextDecoder | undefined;
  let rest = "";
  for await (const chunk of chunks) {
    decoder ??= decoderOf(chunk);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > longestRow) {
      throw new UsageError(
        `--batch: a line is longer than ${longestRow} characters. One value per line was expected.`,
      );
    }
    yield* lines.map(toRow);
  }
  rest += decoder?.decode() ?? "";
  if (rest !== "") {
    yield toRow(rest);
  }
}

function toRow(line: string): BatchRow {
  const text = line.replace(/\r$/u, "");
  return { cells: [text], term: text.trimStart().startsWith("#") ? "" : text.trim() };
}

const cells = z.array(z.string());

async function readColumn(chunks: AsyncIterable<Buffer>, column: string): Promise<BatchInput> {
  const parser = parse({
    bom: true,
    relax_quotes: true,
    relax_column_count: true,
    max_record_size: longestRow,
  });
  const records = explainFaults(pipeThrough<unknown>(chunks, parser));
  const { value, done } = await records.next();
  const first = done ? [] : cells.parse(value);
  const number = /^\d+$/u.test(column) ? Number(column) : undefined;
  const index = number === undefined ? findColumn(first, column) : number - 1;
  if (done && number === undefined) {
    throw new UsageError(`--column ${column}: the input is empty, and has no row of names.`);
  }
  if (index < 0 || (!done && index >= first.length)) {
    throw new UsageError(
      `--column ${column}: there is no such column. Columns there are: ${number === undefined ? first.join(", ") : `1 to ${first.length}`}.`,
    );
  }
  const toCells = (row: readonly string[]): BatchRow => ({ cells: row, term: (row[index] ?? "").trim() });
  async function* rows(): AsyncGenerator<BatchRow, void, undefined> {
    if (number !== undefined && !done) {
      yield toCells(first);
    }
    for await (const record of records) {
      yield toCells(cells.parse(record));
    }
  }
  const columns = number === undefined ? first : first.map((_, at) => `column_${at + 1}`);
  return { columns, isText: false, rows: rows() };
}

/** Some programs write a space after each comma. */
function findColumn(names: readonly string[], column: string): number {
  const exact = names.indexOf(column);
  return exact >= 0 ? exact : names.findIndex((name) => name.trim() === column.trim());
}

async function* explainFaults(records: AsyncIterable<unknown>): AsyncGenerator<unknown, void, undefined> {
  try {
    yield* records;
  } catch (error) {
    throw error instanceof CsvError
      ? new UsageError(`--batch: the input is not valid CSV: ${error.message}.`, { cause: error })
      : error;
  }
}
