import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { type BatchInput, openBatch } from "./read-batch.js";

async function read(text: string | Buffer, column?: string) {
  const folder = temporaryFolder();
  await writeFile(join(folder, "values"), text);
  const source = { file: "values", folder, ...(column !== undefined && { column }) };
  return collect(await openBatch(source, new AbortController().signal));
}

async function collect({ columns, rows }: BatchInput) {
  const read: unknown[] = [];
  for await (const { cells, term } of rows) {
    read.push([...cells, term]);
  }
  return { columns, read };
}

test("reads a value a line, and keeps comments and empty lines", async () => {
  expect(await read("\uFEFFa.example\r\n# a comment\n\n  b.example \nmünchen.example")).toEqual({
    columns: ["input"],
    read: [
      ["a.example", "a.example"],
      ["# a comment", ""],
      ["", ""],
      ["  b.example ", "b.example"],
      ["münchen.example", "münchen.example"],
    ],
  });
  expect((await read("")).read).toEqual([]);
});

test("reads what PowerShell writes, and what ends within a character", async () => {
  const lines = await read(Buffer.from("\uFEFFa.example\r\nmünchen.example\r\n", "utf16le"));
  expect(lines.read).toEqual([
    ["a.example", "a.example"],
    ["münchen.example", "münchen.example"],
  ]);
  const table = await read(Buffer.from("\uFEFFclient,query\r\n1,münchen.example\r\n", "utf16le"), "query");
  expect(table.read).toEqual([["1", "münchen.example", "münchen.example"]]);
  expect((await read(Buffer.from("a.example\nmün").subarray(0, -2))).read).toEqual([
    ["a.example", "a.example"],
    ["m\uFFFD", "m\uFFFD"],
  ]);
});

const csv =
  '\uFEFFclient,query,note\r\n10.0.0.1,a.example,"one, ""two""\nthree"\r\n10.0.0.2\r\n#,b.example,\r\n';

test("reads a column of CSV by its name", async () => {
  expect(await read(csv, "query")).toEqual({
    columns: ["client", "query", "note"],
    read: [
      ["10.0.0.1", "a.example", 'one, "two"\nthree', "a.example"],
      ["10.0.0.2", ""],
      ["#", "b.example", "", "b.example"],
    ],
  });
});

test("reads a column of CSV by its number, from the first row on", async () => {
  const { columns, read: rows } = await read("a.example,1\nb.example,2\n", "1");
  expect(columns).toEqual(["column_1", "column_2"]);
  expect(rows).toEqual([
    ["a.example", "1", "a.example"],
    ["b.example", "2", "b.example"],
  ]);
});

test("says which file or column is missing", async () => {
  await expect(read(csv, "host")).rejects.toThrow(
    "--column host: there is no such column. Columns there are: client, query, note.",
  );
  await expect(read(csv, "4")).rejects.toThrow("Columns there are: 1 to 3.");
  await expect(read(csv, "0")).rejects.toThrow("Columns there are: 1 to 3.");
  const source = { file: "nosuch", folder: temporaryFolder() };
  await expect(openBatch(source, new AbortController().signal)).rejects.toThrow(
    /^--batch: .*nosuch cannot be read: ENOENT/u,
  );
  await expect(read("a".repeat(1_000_001))).rejects.toThrow("a line is longer than 1000000 characters");
});
