import { expect, test } from "vitest";
import { inBlocks } from "./in-blocks.js";

/** Longer than a test. */
const forever = 60_000;

async function collect<Item>(blocks: AsyncIterable<readonly Item[]>): Promise<readonly (readonly Item[])[]> {
  const collected = [];
  for await (const block of blocks) {
    collected.push(block);
  }
  return collected;
}

test("divides items by their number or size, and loses none", async () => {
  expect(await collect(inBlocks([1, 2, 3, 4, 5], { most: 2, wait: forever }))).toEqual([[1, 2], [3, 4], [5]]);
  const texts = ["a", "bbb", "cccc", "d"];
  expect(await collect(inBlocks(texts, { most: 4, sizeOf: ({ length }) => length, wait: forever }))).toEqual([
    ["a", "bbb"],
    ["cccc"],
    ["d"],
  ]);
  expect(await collect(inBlocks([], { most: 2, wait: forever }))).toEqual([]);
});

test("hands out what there is while the source pauses", async () => {
  let goOn = () => {};
  async function* source() {
    yield* [1, 2];
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
    yield 3;
  }
  const blocks = inBlocks(source(), { most: 500, wait: 1 });
  expect((await blocks.next()).value).toEqual([1, 2]);
  goOn();
  expect(await collect(blocks)).toEqual([[3]]);
});

test("hands out the items before a fault, then throws it", async () => {
  async function* source() {
    yield 1;
    throw new Error("broken");
  }
  const blocks = inBlocks(source(), { most: 500, wait: forever });
  expect((await blocks.next()).value).toEqual([1]);
  await expect(blocks.next()).rejects.toThrow("broken");
});

test("ends its source with itself, even one that sends nothing more", async () => {
  let hasEnded = false;
  async function* endless() {
    try {
      for (;;) {
        yield 1;
      }
    } finally {
      hasEnded = true;
    }
  }
  for await (const _ of inBlocks(endless(), { most: 2, wait: forever })) {
    break;
  }
  await expect.poll(() => hasEnded).toBe(true);
  async function* silent() {
    yield 1;
    await new Promise(() => {});
  }
  for await (const _ of inBlocks(silent(), { most: 500, wait: 1 })) {
    break;
  }
});
