import { describe, expect, test } from "vitest";
import { readUtf8 } from "./decode-utf8.js";

async function* chunksOf(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += length) {
    yield bytes.subarray(start, start + length);
  }
}

describe("readUtf8", () => {
  const valid = Buffer.from("a\uFFFD\uFFFDgrün😀\uFFFD\n");

  test.each([1, 2, 3, 4, 5, 7, 1000])(
    "tells U+FFFD that was sent from one that replaces bytes, in chunks of %d",
    async (length) => {
      expect(await readUtf8(chunksOf(valid, length))).toEqual({ text: valid.toString(), isUtf8: true });
      for (const broken of [
        [0xff],
        [0xef, 0xbf],
        [0xef, 0xbf, 0x41],
        [0xc3],
        [0xf0, 0x9f, 0x98],
        [0xbf, 0xbd],
      ]) {
        const bytes = Buffer.concat([valid, Buffer.from(broken), valid]);
        expect(await readUtf8(chunksOf(bytes, length))).toEqual({ text: bytes.toString(), isUtf8: false });
      }
    },
  );

  test("reads nothing as nothing", async () => {
    expect(await readUtf8(chunksOf(Buffer.alloc(0), 1))).toEqual({ text: "", isUtf8: true });
  });
});
