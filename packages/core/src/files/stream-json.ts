import { randomUUID } from "node:crypto";
import { Tokenizer, TokenParser, TokenType } from "@streamparser/json";
import { markInexactNumber, markReplacedBytes } from "../json/altered-values.js";
import { isExactNumber } from "../json/is-exact-number.js";
import { decodeUtf8 } from "../text/decode-utf8.js";
import { type CutValue, createJsonCutter } from "./cut-json-values.js";
import { FileContentError } from "./file-content-error.js";

/** More than MongoDB holds in a document: whatever takes more is no record, and must not fill the memory. */
const longestValueBytes = 32_000_000;
const deepestNesting = 1_000;

/** A value inside a JSON text. */
export interface StreamedValue {
  /** Its name in the object, or its index in the list, that holds it. */
  readonly key: string | number | undefined;
  readonly value: unknown;
  /** How many objects and lists hold it. */
  readonly depth: number;
}

/**
 * Reads JSON of any length value by value, in its order. Memory is bounded by the longest value.
 *
 * A number that JavaScript cannot hold is kept as text, and invalid UTF-8 becomes U+FFFD; `alterationsIn` finds both, as with
 * `parseJson`.
 *
 * @param paths which values to yield: `$.*` those of the outermost object or list, `$.objects.*` the entries of its `objects`. A path must
 *   not lead into values of another one
 * @throws FileContentError if the text is not JSON, ends too early, is nested more than 1,000 levels deep or holds a value of more than
 *   32 MB; values before that place come first
 */
export async function* streamJson(
  chunks: AsyncIterable<Buffer>,
  paths: readonly string[],
): AsyncGenerator<StreamedValue> {
  const values: StreamedValue[] = [];
  let bytesOfValue = 0;
  let wasUtf8 = true;
  const write = createParser(paths, (value) => {
    bytesOfValue = 0;
    values.push(value);
  });
  function* takeValues() {
    for (const streamed of values.splice(0)) {
      if (!wasUtf8) {
        markReplacedBytes(streamed.value);
      }
      yield streamed;
    }
  }
  for await (const { text, isUtf8 } of decodeUtf8(chunks)) {
    wasUtf8 = isUtf8;
    bytesOfValue += Buffer.byteLength(text);
    const fault = write.text(text);
    yield* takeValues();
    if (fault !== undefined) {
      throw fault;
    }
    if (bytesOfValue > longestValueBytes) {
      throw new FileContentError(`one record takes more than ${longestValueBytes} bytes`);
    }
  }
  const fault = write.rest();
  yield* takeValues();
  if (fault !== undefined) {
    throw fault;
  }
  if (!write.isEnded()) {
    throw new FileContentError("it ends in the middle of the JSON: it was cut off");
  }
}

function createParser(paths: readonly string[], onValue: (value: StreamedValue) => void) {
  let depth = 0;
  const inexact = { prefix: `${randomUUID()} `, areThere: false };
  const placeholder = randomUUID();
  const cutter = createJsonCutter(paths, { placeholder, deepest: deepestNesting });
  const cut: { values: CutValue[]; current?: CutValue | undefined; bytes: number } = { values: [], bytes: 0 };
  const tokenizer = new ExactTokenizer();
  const parser = new TokenParser({ paths: [...paths], keepStack: false });
  tokenizer.onToken = (token) => {
    if (token.token === TokenType.LEFT_BRACE || token.token === TokenType.LEFT_BRACKET) {
      depth += 1;
    } else if (token.token === TokenType.RIGHT_BRACE || token.token === TokenType.RIGHT_BRACKET) {
      depth -= 1;
    }
    if (depth > deepestNesting) {
      throw new FileContentError(`it is nested more than ${deepestNesting} levels deep`);
    }
    if (token.token === TokenType.NUMBER && !isExactNumber(tokenizer.number)) {
      inexact.areThere = true;
      parser.write({ ...token, value: inexact.prefix + tokenizer.number });
    } else if (token.value === placeholder) {
      writeCut();
    } else {
      parser.write(token);
    }
  };
  function writeCut(): void {
    cut.current = cut.values.shift();
    for (const token of Array.isArray(cut.current?.value) ? emptyList : emptyObject) {
      parser.write(token);
    }
    cut.bytes += cut.current?.bytes ?? 0;
    cut.current = undefined;
  }
  parser.onValue = ({ key, value, stack }) => {
    const isAltered = inexact.areThere;
    inexact.areThere = false;
    const exact = isAltered ? withoutPrefix(value, inexact.prefix) : value;
    onValue({ key, value: cut.current ? cut.current.value : exact, depth: stack.length });
  };
  const write = (text: string) =>
    faultOf(
      () => tokenizer.write(text),
      () => cut.bytes,
    );
  return {
    text(chunk: string) {
      const { text, values } = cutter.cut(chunk);
      cut.values = [...values];
      return write(text);
    },
    rest: () => write(cutter.rest()),
    isEnded: () => parser.isEnded,
  };
}

const emptyObject = [
  { token: TokenType.LEFT_BRACE, value: "{" },
  { token: TokenType.RIGHT_BRACE, value: "}" },
] as const;
const emptyList = [
  { token: TokenType.LEFT_BRACKET, value: "[" },
  { token: TokenType.RIGHT_BRACKET, value: "]" },
] as const;

/** Tells how the last number was written. */
class ExactTokenizer extends Tokenizer {
  number = "";

  protected override parseNumber(number: string): number {
    this.number = number;
    return super.parseNumber(number);
  }
}

/** Takes the prefix off numbers that were passed on as text, and marks them: where they are is known only once their container is. */
function withoutPrefix(value: unknown, prefix: string): unknown {
  if (typeof value === "string" && value.startsWith(prefix)) {
    return value.slice(prefix.length);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  for (const [name, field] of Object.entries(value)) {
    const exact = withoutPrefix(field, prefix);
    if (exact !== field) {
      Object.defineProperty(value, name, { value: exact });
      markInexactNumber(value, name);
    }
  }
  return value;
}

/** @param cutBytes how many bytes before the fault the parser did not see */
function faultOf(write: () => void, cutBytes: () => number): FileContentError | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    if (error instanceof FileContentError) {
      return error;
    }
    const reason = error instanceof Error ? error.message : String(error);
    const place = /at chunk position "\d+" \(absolute position "(\d+)"\)/;
    const shown = reason.replace(place, (_, seen: string) => `at byte ${Number(seen) + cutBytes()}`);
    return new FileContentError(`it is not JSON: ${shown}`, { cause: error });
  }
}
