import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { alterationsIn } from "../json/altered-values.js";
import { explainFileContent, FileContentError } from "./file-content-error.js";
import { type StreamedValue, streamJson } from "./stream-json.js";
import { unpackGzip } from "./unpack-gzip.js";

async function* chunksOf(content: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < content.length; start += length) {
    yield content.subarray(start, start + length);
  }
}

/** What came, and what was thrown at its end. */
async function read(content: string | Buffer, paths: readonly string[], length = 5) {
  const values: StreamedValue[] = [];
  try {
    for await (const value of streamJson(chunksOf(Buffer.from(content), length), paths)) {
      values.push(value);
    }
    return { values };
  } catch (error) {
    return { values, error };
  }
}

test("values come in their order, each with its key and depth, however the text is cut into chunks", async () => {
  const text = JSON.stringify({ type: "bundle", objects: [{ id: "ä" }, 2, null], end: true });
  for (const length of [1, 7, 1_000]) {
    expect((await read(text, ["$.type", "$.objects.*"], length)).values).toEqual([
      { key: "type", value: "bundle", depth: 1 },
      { key: 0, value: { id: "ä" }, depth: 2 },
      { key: 1, value: 2, depth: 2 },
      { key: 2, value: null, depth: 2 },
    ]);
  }
});

test("a number that JavaScript cannot hold is kept as text, and found as altered", async () => {
  const { values } = await read('[{"n":12345678901234567890,"l":[1,1e999]},0.1,12345678901234567891]', [
    "$.*",
  ]);
  expect(values.map(({ value }) => value)).toEqual([
    { n: "12345678901234567890", l: [1, "1e999"] },
    0.1,
    "12345678901234567891",
  ]);
  expect(alterationsIn(values[0]?.value)).toHaveLength(2);
});

test("bytes that are no UTF-8 become U+FFFD, and are found as altered", async () => {
  const { values } = await read(Buffer.from('[{"a":"\xff"}]', "latin1"), ["$.*"]);
  expect(values[0]?.value).toEqual({ a: "\uFFFD" });
  expect(alterationsIn(values[0]?.value)).toHaveLength(1);
});

describe("a text that is no whole JSON gives the values before the fault, and says what it is", () => {
  test.each([
    ["broken", "[1,2,}", [1, 2], "it is not JSON: "],
    ["cut off", '[1,2,{"a":', [1, 2], "it ends in the middle of the JSON: it was cut off"],
    ["with more behind it", "[1] x", [1], "it is not JSON: "],
    ["nested too deeply", `[1,${"[".repeat(2_000)}`, [1], "nested more than 1000 levels deep"],
  ])("%s", async (_name, text, before, message) => {
    const { values, error } = await read(text, ["$.*"], 65_536);
    expect(error).toBeInstanceOf(FileContentError);
    expect(explainFileContent(error)).toContain(message);
    expect(values.map(({ value }) => value)).toEqual(before);
  });
});

describe("gzip", () => {
  async function unpack(packed: Buffer) {
    let bytes = 0;
    const counted = { read: packed.length };
    for await (const chunk of unpackGzip(chunksOf(packed, 65_536), counted)) {
      bytes += chunk.length;
    }
    return bytes;
  }

  test("that is cut off or damaged is explained", async () => {
    const packed = gzipSync("x".repeat(1_000));
    const reasonOf = (content: Buffer) =>
      unpack(content).catch((error: unknown) => explainFileContent(error));
    expect(await unpack(packed)).toBe(1_000);
    expect(await reasonOf(packed.subarray(0, -4))).toBe("it ends too early: it was cut off");
    packed[packed.length - 5] = (packed.at(-5) ?? 0) ^ 1;
    expect(await reasonOf(packed)).toContain("its compressed data is damaged");
  });

  test("that unpacks to more than anything real does is refused", async () => {
    await expect(unpack(gzipSync(Buffer.alloc(101_000_000)))).rejects.toThrow("decompression bomb");
  });

  test("a fault of something else is not explained", () => {
    expect(explainFileContent(Object.assign(new Error("no"), { code: "ENOENT" }))).toBeUndefined();
  });
});
