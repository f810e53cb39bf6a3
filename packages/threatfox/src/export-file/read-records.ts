import { continueWith } from "./continue-with.js";
import { ExportFileError } from "./export-file-error.js";
import { readCsvExport } from "./read-csv-export.js";
import { readJsonExport } from "./read-json-export.js";

const mostBlankBytes = 1_000_000;

/**
 * The records of an export that is unpacked, JSON or CSV: its first character tells which.
 *
 * @throws ExportFileError where it is neither, and what the readers of both throw
 */
export async function* readRecords(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  const source = chunks[Symbol.asyncIterator]();
  let blankBytes = 0;
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    const text = withoutByteOrderMark(next.value);
    const [start] = /\S/u.exec(text.toString("latin1")) ?? [];
    if (start !== undefined) {
      yield* readerFor(start)(continueWith(text, source));
      return;
    }
    blankBytes += text.length;
    if (blankBytes > mostBlankBytes) {
      throw new ExportFileError(`it begins with more than ${mostBlankBytes} blanks, as no export does`);
    }
  }
  throw new ExportFileError("it is empty");
}

function readerFor(start: string): (chunks: AsyncIterable<Buffer>) => AsyncIterable<unknown> {
  switch (start) {
    case "{":
    case "[":
      return readJsonExport;
    case "#":
    case '"':
      return readCsvExport;
    case "<":
      throw new ExportFileError("it is a web page, not an export of ThreatFox");
    default:
      throw new ExportFileError("it is neither JSON nor CSV, as ThreatFox's exports are");
  }
}

function withoutByteOrderMark(text: Buffer): Buffer {
  return text.subarray(0, 3).toString("hex") === "efbbbf" ? text.subarray(3) : text;
}
