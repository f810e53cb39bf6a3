import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UsageError } from "../process/exit-status.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { writeFileSeries } from "./write-file-series.js";

const { signal } = new AbortController();

async function* streamOf<Item>(...items: readonly Item[]) {
  yield* items;
}

const seriesOf = (...texts: readonly string[]) => streamOf(...texts.map((text) => streamOf(text)));

function contentsOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

test("texts go to numbered files, and nothing else is left in their folder", async () => {
  const folder = temporaryFolder();
  const { written, removed } = await writeFileSeries(join(folder, "a.b.json"), seriesOf("1", "2"), signal);
  expect(written).toEqual([join(folder, "a.b-0001.json"), join(folder, "a.b-0002.json")]);
  expect(removed).toEqual([]);
  expect(contentsOf(folder)).toEqual({ "a.b-0001.json": "1", "a.b-0002.json": "2" });
});

test("a name without an ending", async () => {
  const folder = temporaryFolder();
  await writeFileSeries(join(folder, "iocs"), seriesOf("1"), signal);
  expect(contentsOf(folder)).toEqual({ "iocs-0001": "1" });
});

test("a folder is no name of files: nothing is written beside it", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "parts"));
  await expect(writeFileSeries(join(folder, "parts"), seriesOf("1"), signal)).rejects.toThrow(UsageError);
  expect(readdirSync(folder)).toEqual(["parts"]);
});

test("what an earlier, longer series left is removed, and reported", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "a.json");
  await writeFileSeries(path, seriesOf("{\n1", "{\n2", "{\n3", "{\n4"), signal);
  const { removed } = await writeFileSeries(path, seriesOf("{\nnew", "{\nnew, too"), signal);
  expect(removed).toEqual([join(folder, "a-0003.json"), join(folder, "a-0004.json")]);
  expect(contentsOf(folder)).toEqual({ "a-0001.json": "{\nnew", "a-0002.json": "{\nnew, too" });
});

test("a file of another kind, one behind a gap, and a folder are not removed", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "a.json");
  const others = { "a-0002.json": "my notes", "a-0003.json": "{\n3", "a-2026.json": "{\n", "a.json": "{\n" };
  for (const [name, text] of Object.entries(others)) {
    writeFileSync(join(folder, name), text);
  }
  expect((await writeFileSeries(path, seriesOf("{\n1"), signal)).removed).toEqual([]);
  expect(contentsOf(folder)).toEqual({ ...others, "a-0001.json": "{\n1" });

  const other = temporaryFolder();
  mkdirSync(join(other, "a-0002.json"));
  expect((await writeFileSeries(join(other, "a.json"), seriesOf("{\n1"), signal)).removed).toEqual([]);
  expect(existsSync(join(other, "a-0002.json"))).toBe(true);
});

test("a series that fails in its last text leaves all files as they were", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "a.json");
  await writeFileSeries(path, seriesOf("old 1", "old 2", "old 3"), signal);
  const before = contentsOf(folder);
  async function* failing() {
    yield "new 2";
    throw new Error("the database is gone");
  }
  await expect(writeFileSeries(path, streamOf(streamOf("new 1"), failing()), signal)).rejects.toThrow(
    "the database is gone",
  );
  expect(contentsOf(folder)).toEqual(before);
});

test("a series that is stopped leaves nothing", async () => {
  const folder = temporaryFolder();
  const controller = new AbortController();
  async function* stopping() {
    yield streamOf("1");
    controller.abort(new Error("stopped"));
    yield streamOf("2");
  }
  await expect(writeFileSeries(join(folder, "a.json"), stopping(), controller.signal)).rejects.toThrow();
  expect(readdirSync(folder)).toEqual([]);
});

test("where a part cannot be written, the error names it", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "a-0002.json"));
  const attempt = writeFileSeries(join(folder, "a.json"), seriesOf("1", "2"), signal);
  await expect(attempt).rejects.toThrow(UsageError);
  await expect(attempt).rejects.toThrow(`${join(folder, "a-0002.json")} is a folder`);
  expect(readdirSync(folder)).toEqual(["a-0002.json"]);
});
