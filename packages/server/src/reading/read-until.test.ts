import type { StoreReader } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { readUntil } from "./read-until.js";

test("asks as it is asked, with every limit", async () => {
  const asked: unknown[] = [];
  const reader: StoreReader = {
    async *find(...question) {
      asked.push(question);
      yield { _id: "1" };
    },
    async count(...question) {
      asked.push(question);
      return 1;
    },
    async exists(...question) {
      asked.push(question);
      return true;
    },
  };
  const { find, count, exists } = readUntil(new AbortController().signal, reader);
  const found = [];
  for await (const document of find("things", { a: 1 }, { limit: 3 })) {
    found.push(document);
  }
  expect(found).toEqual([{ _id: "1" }]);
  await count("things", { a: 1 }, { limit: 3 });
  await exists("things", { a: 1 });
  expect(asked).toEqual([
    ["things", { a: 1 }, { limit: 3 }],
    ["things", { a: 1 }, { limit: 3 }],
    ["things", { a: 1 }],
  ]);
});
