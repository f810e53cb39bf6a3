import { explainFileContent, nameContent } from "@cti-connectors/core";
import { continueWith } from "./byte-streams.js";
import { ExportFileError } from "./export-file.js";
import { readCsvExport } from "./read-csv-export.js";
import { readJsonExport } from "./read-json-export.js";
import { unpackFile } from "./unpack-file.js";

export interface ExportPage {
  /** As received, each with its id as `ioc_id`; what cannot be read as a record comes as an `UnreadableEntry`. */
  readonly records: readonly unknown[];
  /** How many records of the file were read by the end of this page, skipped ones included. */
  readonly recordsRead: number;
  /** How many bytes of the file were read, before unpacking. */
  readonly bytes: { readonly read: number; readonly total: number };
}

export interface ReadExportOptions {
  /** The name of the file in errors. Default: its path. */
  readonly name?: string;
  /** The number of records to skip at the start of the file. */
  readonly skip?: number;
}

/**
 * The embedded database commits a page at once. The fewer commits, the fewer times the same pages of its file are written: 500 records
 * would take a tenth longer to store, and 10 MB less memory.
 */
const pageRecords = 1_000;
/** While records are skipped an empty page comes now and then, to show how far it is. */
const skippedRecords = 20_000;

/**
 * Reads one of ThreatFox's exports (https://threatfox.abuse.ch/export/), JSON or CSV, in a zip archive, gzipped or plain. The format is detected from
 * the content, not from the name. Memory does not grow with the file.
 *
 * @throws ExportFileError, naming file and byte, if it is damaged, cut off, or not an export; whole records before that place come first
 * @throws what the file system throws
 */
export async function* readExportFile(
  file: string,
  { name = file, skip = 0 }: ReadExportOptions = {},
): AsyncGenerator<ExportPage> {
  const { chunks, bytes } = await unpackFile(file, name);
  let records: unknown[] = [];
  let recordsRead = 0;
  const page = (): ExportPage => ({ records, recordsRead, bytes: { ...bytes } });
  let fault: unknown;
  try {
    for await (const record of readRecords(chunks)) {
      recordsRead += 1;
      if (recordsRead > skip) {
        records.push(record);
      }
      if (records.length === pageRecords || (records.length === 0 && recordsRead % skippedRecords === 0)) {
        yield page();
        records = [];
      }
    }
  } catch (error) {
    fault = error;
  }
  if (records.length > 0) {
    yield page();
  }
  if (fault !== undefined) {
    throw explain(fault, name, bytes);
  }
}

/** An error of `node:zlib` or of the readers tells what is wrong; the file system's own names the file already. */
function explain(fault: unknown, name: string, { read, total }: ExportPage["bytes"]): unknown {
  const reason = fault instanceof ExportFileError ? fault.message : explainFileContent(fault);
  return reason === undefined
    ? fault
    : new ExportFileError(`${name}: ${reason} (at byte ${read} of ${total})`, { cause: fault });
}

const mostBlankBytes = 1_000_000;

/**
 * The records of an export that is unpacked, JSON or CSV: its first character shows which.
 *
 * @throws ExportFileError if it is neither, and what the readers of both throw
 */
export async function* readRecords(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  const source = chunks[Symbol.asyncIterator]();
  let blankBytes = 0;
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    const text = withoutByteOrderMark(next.value);
    const [start] = /\S/u.exec(text.toString("latin1")) ?? [];
    if (start !== undefined) {
      yield* readerFor(start, text)(continueWith(text, source));
      return;
    }
    blankBytes += text.length;
    if (blankBytes > mostBlankBytes) {
      throw new ExportFileError(
        `it begins with more than ${mostBlankBytes} bytes of white space, which no export does`,
      );
    }
  }
  throw new ExportFileError("it is empty");
}

function readerFor(start: string, text: Buffer): (chunks: AsyncIterable<Buffer>) => AsyncIterable<unknown> {
  const content = nameContent(text);
  if (content !== undefined) {
    throw new ExportFileError(
      `it is ${content.name}, but ThreatFox's exports are JSON or CSV: ${content.remedy}`,
    );
  }
  switch (start) {
    case "{":
    case "[":
      return readJsonExport;
    case "#":
    case '"':
      return readCsvExport;
    default:
      throw new ExportFileError("it is neither JSON nor CSV, as ThreatFox's exports are");
  }
}

function withoutByteOrderMark(text: Buffer): Buffer {
  return text.subarray(0, 3).toString("hex") === "efbbbf" ? text.subarray(3) : text;
}
