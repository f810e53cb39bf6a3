import { randomUUID } from "node:crypto";
import {
  decodeUtf8,
  isExactNumber,
  isJsonObject,
  markInexactNumber,
  markReplacedBytes,
} from "@cti-connectors/core";
import { Tokenizer, TokenParser, TokenType } from "@streamparser/json";
import { holdsIoc, UnreadableEntry } from "../record/export-entry.js";
import { ExportFileError } from "./export-file.js";

/** More than MongoDB holds in a document: whatever takes more is no record, and must not fill the memory. */
const longestEntryBytes = 32_000_000;
const deepestNesting = 1_000;

/**
 * The records of a JSON export, `{ "<id>": [ { … } ], … }`, in its order; each with its id as `ioc_id`, as in the CSV
 * export. What stands in the place of a record and cannot be one comes as an `UnreadableEntry`.
 *
 * Bytes that are no UTF-8 become U+FFFD, and the record that holds them is marked: a character that another program damaged is no
 * reason to lose the rest of an export. A number that JavaScript cannot hold is kept as text, and marked, too, as in answers of the API.
 *
 * @throws ExportFileError where the text is another one, is no JSON, or ends too early; records before that place come first
 */
export async function* readJsonExport(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  let records: unknown[] = [];
  let bytesOfEntry = 0;
  let depth = 0;
  let isFirst = true;
  const inexact = { prefix: `${randomUUID()} `, areThere: false };
  const tokenizer = new ExactTokenizer();
  const parser = new TokenParser({ paths: ["$.*"], keepStack: false });
  tokenizer.onToken = (token) => {
    if (token.token === TokenType.LEFT_BRACE || token.token === TokenType.LEFT_BRACKET) {
      depth += 1;
    } else if (token.token === TokenType.RIGHT_BRACE || token.token === TokenType.RIGHT_BRACKET) {
      depth -= 1;
    }
    if (depth > deepestNesting) {
      throw new ExportFileError(`it is nested more than ${deepestNesting} levels deep`);
    }
    if (token.token === TokenType.NUMBER && !isExactNumber(tokenizer.number)) {
      inexact.areThere = true;
      parser.write({ ...token, value: inexact.prefix + tokenizer.number });
      return;
    }
    parser.write(token);
  };
  parser.onValue = ({ key, value }) => {
    bytesOfEntry = 0;
    const found = recordsOf(key, value);
    if (inexact.areThere) {
      inexact.areThere = false;
      unwrapInexact(found, inexact.prefix);
    }
    if (isFirst && !/^\d+$/u.test(String(key)) && !found.some(holdsIoc)) {
      throw new ExportFileError(
        `it is JSON, but not an export of ThreatFox: an object with ThreatFox's ids as keys was expected, and its first key is ${JSON.stringify(String(key).slice(0, 40))}`,
      );
    }
    isFirst = false;
    records.push(...found);
  };
  for await (const { text, isUtf8 } of decodeUtf8(chunks)) {
    bytesOfEntry += Buffer.byteLength(text);
    const fault = faultOf(() => tokenizer.write(text));
    for (const record of records) {
      if (!isUtf8) {
        markReplacedBytes(record);
      }
      yield record;
    }
    records = [];
    if (fault !== undefined) {
      throw fault;
    }
    if (bytesOfEntry > longestEntryBytes) {
      throw new ExportFileError(`one record takes more than ${longestEntryBytes} bytes`);
    }
  }
  if (!parser.isEnded) {
    throw new ExportFileError("it ends in the middle of the JSON: it was cut off");
  }
}

/** Tells how the last number was written. */
class ExactTokenizer extends Tokenizer {
  number = "";

  protected override parseNumber(number: string): number {
    this.number = number;
    return super.parseNumber(number);
  }
}

/** Takes the prefix off numbers that were passed on as text, and marks them: where they are is known only once their container is. */
function unwrapInexact(value: unknown, prefix: string): void {
  if (typeof value !== "object" || value === null) {
    return;
  }
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === "string" && field.startsWith(prefix)) {
      Object.defineProperty(value, name, { value: field.slice(prefix.length) });
      markInexactNumber(value, name);
    } else {
      unwrapInexact(field, prefix);
    }
  }
}

function recordsOf(key: unknown, value: unknown): readonly unknown[] {
  if (typeof key !== "string") {
    throw new ExportFileError("it is a list: an object with ThreatFox's ids as keys was expected");
  }
  if (key === "query_status" || key === "data") {
    const status = key === "query_status" && typeof value === "string" ? ` (${value.slice(0, 40)})` : "";
    throw new ExportFileError(`it is an answer of ThreatFox's API${status}; it is not an export`);
  }
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  return entries.map((entry) =>
    isJsonObject(entry)
      ? // Not a copy: what of the entry is not as it came is known of this object.
        Object.assign(entry, { ioc_id: key })
      : new UnreadableEntry([key, entry], "an IOC must be a JSON object"),
  );
}

function faultOf(write: () => void): ExportFileError | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    return error instanceof ExportFileError
      ? error
      : new ExportFileError(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
  }
}
