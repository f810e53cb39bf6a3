import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UsageError } from "../process/exit-status.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { type BatchInput, openBatch } from "./read-batch.js";
import { writeAnswerLines } from "./write-answers.js";

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
  await expect(read("", "query")).rejects.toThrow("--column query: the input is empty");
  const here = { file: ".", folder: temporaryFolder() };
  await expect(openBatch(here, new AbortController().signal)).rejects.toThrow(
    /^--batch: .* is a folder: name a file/u,
  );
  await expect(read('client,query\n1,"a.example\n2,b.example\n', "query")).rejects.toThrow(
    new UsageError(
      "--batch: the input is not valid CSV: Quote Not Closed: the parsing is finished with an opening quote at line 3.",
    ),
  );
});

test("finds a column whose name has spaces around it, and takes them off its values", async () => {
  const { columns, read: rows } = await read("client, query\n1, a.example \n2,  \n", "query");
  expect(columns).toEqual(["client", " query"]);
  expect(rows).toEqual([
    ["1", " a.example ", "a.example"],
    ["2", "  ", ""],
  ]);
});

test("writes each cell of a row as JSON, also where columns have the same name", async () => {
  const head = { columns: ["name", "name"], isText: false };
  const row = { cells: ["a.example", "x", "y"], term: "" };
  const answer = { term: "", read_as: [], found: false, families: [], attack: [] };
  async function* answered() {
    yield { row, answer: { ...answer, iocs: { total: 0, total_is_exact: true } } };
  }
  const lines: unknown[] = [];
  for await (const line of writeAnswerLines(head, answered())) {
    lines.push(JSON.parse(line));
  }
  expect(lines).toEqual([{ input: { name: "a.example", column_2: "x", column_3: "y" } }]);
});
