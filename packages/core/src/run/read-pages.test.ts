import { expect, test } from "vitest";
import { readPages } from "./read-pages.js";

/** Pages that come when they are let go, of an iterator that is no generator: it does not put calls in line. */
function slowPages() {
  const calls: string[] = [];
  let letGo = () => {};
  const pages: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        calls.push("next");
        await new Promise<void>((resolve) => {
          letGo = resolve;
        });
        calls.push("page");
        return { done: false, value: 1 };
      },
      async return() {
        calls.push("return");
        return { done: true, value: undefined };
      },
    }),
  };
  return { calls, pages, letGo: () => letGo() };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

test("an iterator is ended when the page that it reads ahead has come", async () => {
  const { calls, pages, letGo } = slowPages();
  const reading = readPages(pages, (page) => page);
  reading.readAhead(() => {});
  await turn();
  const ended = reading.end();
  await turn();
  expect(calls).toEqual(["next"]);
  letGo();
  await ended;
  expect(calls).toEqual(["next", "page", "return"]);
});

test("next returns the page that was read ahead, and onPage is called once when it arrives", async () => {
  const { calls, pages, letGo } = slowPages();
  const reading = readPages(pages, (page) => page * 10);
  const told: number[] = [];
  reading.readAhead((page) => told.push(page));
  await turn();
  const next = reading.next();
  letGo();
  expect(await next).toBe(10);
  expect(told).toEqual([10]);
  expect(calls).toEqual(["next", "page"]);
});
