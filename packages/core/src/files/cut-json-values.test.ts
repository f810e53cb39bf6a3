import { Tokenizer, TokenParser } from "@streamparser/json";
import fc from "fast-check";
import { expect, test } from "vitest";
import { alterationsIn } from "../json/altered-values.js";
import { createJsonCutter } from "./cut-json-values.js";
import { streamJson } from "./stream-json.js";

const placeholder = "placeholder";

function cutAll(paths: readonly string[], text: string, length: number) {
  const cutter = createJsonCutter(paths, { placeholder, deepest: 10 });
  const cut = (text.match(new RegExp(`[^]{1,${length}}`, "g")) ?? []).map((chunk) => cutter.cut(chunk));
  return {
    text: cut.map((part) => part.text).join("") + cutter.rest(),
    values: cut.flatMap(({ values }) => values.map(({ value }) => value)),
  };
}

test.each([1, 3, 1_000])(
  "objects and lists at a path are cut out, and nothing else, in chunks of %d",
  (length) => {
    const text = String.raw`{"type":"x","objects":[{"a\"]":[{}]},1,"{",[2]],"others":[{"b":1}]}`;
    expect(cutAll(["$.type", "$.objects.*"], text, length)).toEqual({
      text: `{"type":"x","objects":["${placeholder}",1,"{","${placeholder}"],"others":[{"b":1}]}`,
      values: [{ 'a"]': [{}] }, [2]],
    });
  },
);

test.each([
  ["no JSON", '[{"a":}]'],
  ["cut off", '[{"a":1'],
  ["a number that JavaScript cannot hold", '[{"a":12345678901234567890}]'],
  ["nested too deeply", `[${"[".repeat(11)}`],
])("what is %s stays in the text", (_what, text) => {
  expect(cutAll(["$.*"], text, 4)).toEqual({ text, values: [] });
});

/** What the parser yields that reads everything token by token. */
function readByToken(text: string, paths: readonly string[]) {
  const values: { key: unknown; value: unknown; depth: number }[] = [];
  const tokenizer = new Tokenizer();
  const parser = new TokenParser({ paths: [...paths], keepStack: false });
  tokenizer.onToken = (token) => parser.write(token);
  parser.onValue = ({ key, value, stack }) => {
    values.push({ key, value, depth: stack.length });
  };
  try {
    tokenizer.write(text);
    return { values, fault: parser.isEnded ? undefined : "cut off" };
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    const place = message.replace(/at chunk position "\d+" \(absolute position "(\d+)"\)/, "at byte $1");
    // The tokenizer says so until it has read the first string or number.
    return { values, fault: place.replace("BOM_OR_START", "START") };
  }
}

async function readStreamed(text: string, paths: readonly string[], length: number) {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += length) {
      yield bytes.subarray(start, start + length);
    }
  }
  const values: { key: unknown; value: unknown; depth: number }[] = [];
  try {
    for await (const streamed of streamJson(chunks(), paths)) {
      expect(alterationsIn(streamed.value)).toEqual([]);
      values.push(streamed);
    }
    return { values, fault: undefined };
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    return {
      values,
      fault: message.includes("cut off")
        ? "cut off"
        : message.replace("it is not JSON: ", "").replace("BOM_OR_START", "START"),
    };
  }
}

const json = fc
  .tuple(
    fc.oneof(
      fc.jsonValue({ maxDepth: 4 }),
      fc.array(fc.jsonValue({ maxDepth: 3 })),
      fc.record({ type: fc.jsonValue({ maxDepth: 1 }), objects: fc.array(fc.jsonValue({ maxDepth: 3 })) }),
    ),
    fc.constantFrom(undefined, 2),
  )
  .map(([content, indent]) => JSON.stringify(content, shortenNumber, indent));

/** A fault that holds a number which is kept as text shows the mark of such numbers, too. */
function shortenNumber(_name: string, part: unknown): unknown {
  return typeof part === "number" ? Math.trunc(part % 1_000) / 4 : part;
}

/** With a character less, more or another one. */
const damaged = fc
  .tuple(json, fc.nat(), fc.nat(1), fc.constantFrom(...'{}[]",:\\ 0-tx\u0001é', ""))
  .map(([text, place, removed, added]) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + added + text.slice(at + removed);
  });

test.each([[["$.*"]], [["$.type", "$.objects.*"]]])(
  "%j: any text gives the values and the fault that a parser finds token by token",
  async (paths) => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(json, damaged), fc.integer({ min: 1, max: 60 }), async (text, length) => {
        expect(await readStreamed(text, paths, length)).toEqual(readByToken(text, paths));
      }),
      { seed: 20_261_128, numRuns: 500 },
    );
  },
);
