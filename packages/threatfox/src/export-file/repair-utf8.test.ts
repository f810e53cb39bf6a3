import { expect, test } from "vitest";
import { repairUtf8 } from "./repair-utf8.js";

async function repair(chunks: readonly Buffer[]): Promise<string> {
  const repaired: Buffer[] = [];
  async function* source() {
    yield* chunks;
  }
  for await (const chunk of repairUtf8(source())) {
    repaired.push(chunk);
  }
  return Buffer.concat(repaired).toString("hex");
}

const hex = (text: string) => Buffer.from(text).toString("hex");

test("text in UTF-8 stays as it is, wherever it is divided", async () => {
  const text = Buffer.from("\uFEFFa \u00FC \u20AC \u{1F600}");
  for (let place = 0; place <= text.length; place += 1) {
    expect(await repair([text.subarray(0, place), text.subarray(place)])).toBe(text.toString("hex"));
  }
});

test.each<[string, readonly Buffer[]]>([
  ["a byte of Latin-1", [Buffer.from("aüb", "latin1")]],
  ["a character without its end", [Buffer.from("a€b").subarray(0, 2), Buffer.from("b")]],
])("%s becomes U+FFFD", async (_name, chunks) => {
  expect(await repair(chunks)).toBe(hex("a\uFFFDb"));
});

test("a character that is cut off at the end becomes U+FFFD", async () => {
  expect(await repair([Buffer.from("a€").subarray(0, 2)])).toBe(hex("a\uFFFD"));
});
