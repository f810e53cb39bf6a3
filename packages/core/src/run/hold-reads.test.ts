import { expect, test } from "vitest";
import type { StoreReader } from "../connector/connector.js";
import { holdReads } from "./hold-reads.js";

/** Notes what is read of it. */
function noting() {
  const noted: string[] = [];
  const reader: StoreReader = {
    async *find() {
      try {
        for (const _id of ["1", "2", "3"]) {
          noted.push(`find ${_id}`);
          yield { _id };
        }
      } finally {
        noted.push("closed");
      }
    },
    async count() {
      noted.push("count");
      return 1;
    },
    async exists() {
      noted.push("exists");
      return true;
    },
  };
  return { noted, ...holdReads(reader) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function startStoring() {
  let end = () => {};
  let fail = (_error: Error) => {};
  const stored = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { stored, end, fail };
}

test("reads wait until the page is stored, and those after it do not", async () => {
  const { noted, reader, holdUntil } = noting();
  const { stored, end } = startStoring();
  holdUntil(stored);
  const found = reader.find("things", {})[Symbol.asyncIterator]();
  const reads = Promise.all([found.next(), reader.count("things", {}), reader.exists("things", {})]);
  await turn();
  expect(noted).toEqual([]);
  end();
  expect(await reads).toEqual([{ done: false, value: { _id: "1" } }, 1, true]);
  expect(await reader.count("things", {})).toBe(1);
});

test("a read that has begun goes on when the page is stored", async () => {
  const { noted, reader, holdUntil } = noting();
  const { stored, end } = startStoring();
  const found = reader.find("things", {})[Symbol.asyncIterator]();
  await found.next();
  holdUntil(stored);
  const second = found.next();
  await turn();
  expect(noted).toEqual(["find 1"]);
  end();
  expect(await second).toEqual({ done: false, value: { _id: "2" } });
});

test("reads fail where the page cannot be stored, until it is let go", async () => {
  const { reader, holdUntil, release } = noting();
  const { stored, fail } = startStoring();
  holdUntil(stored);
  const reading = reader.count("things", {});
  fail(new Error("the database is gone"));
  await expect(reading).rejects.toThrow("the database is gone");
  await expect(reader.exists("things", {})).rejects.toThrow("the database is gone");
  release();
  expect(await reader.exists("things", {})).toBe(true);
});

test("a read that is broken off is closed", async () => {
  const { noted, reader } = noting();
  for await (const _ of reader.find("things", {})) {
    break;
  }
  expect(noted).toEqual(["find 1", "closed"]);
});
