import { expect, test } from "vitest";
import { joinText } from "./write-text.js";

async function piecesOf(...pieces: readonly string[]): Promise<readonly string[]> {
  async function* stream() {
    yield* pieces;
  }
  const joined = [];
  for await (const piece of joinText(stream())) {
    joined.push(piece);
  }
  return joined;
}

test("small pieces come joined, in their order, and none is lost", async () => {
  const line = "x".repeat(30_000);
  expect(await piecesOf("a", line, line, line, "b")).toEqual([`a${line}${line}${line}`, "b"]);
});

test("nothing is nothing", async () => {
  expect((await piecesOf()).join("")).toBe("");
});
