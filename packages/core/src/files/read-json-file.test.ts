import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { FileContentError } from "./file-content-error.js";
import { readJsonFile } from "./read-json-file.js";

const json = Buffer.from('{"a":"ä"}');

function fileOf(content: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), "read-json-file-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "file");
  writeFileSync(file, content);
  return file;
}

test.each([
  ["plain", json, json],
  ["gzipped", gzipSync(json), json],
  ["cut off after one byte", json.subarray(0, 1), json.subarray(0, 1)],
  ["no JSON, but text", Buffer.from("hello"), Buffer.from("hello")],
])("a file that is %s is read", async (_how, content, expected) => {
  expect(await buffer(readJsonFile(fileOf(content)))).toEqual(expected);
});

test.each([
  [
    "a zip archive",
    Buffer.from("PK\u0003\u0004rest"),
    "it is a zip archive, but JSON was expected, plain or gzipped: unpack it",
  ],
  ["a zip archive in gzip", gzipSync("PK\u0003\u0004rest"), "it is a zip archive"],
  ["compressed with xz", Buffer.from("fd377a585a00", "hex"), "it is compressed with xz"],
  [
    "UTF-16 with byte order mark",
    Buffer.from("\uFEFF{}", "utf16le"),
    "it is UTF-16 text, but JSON was expected, plain or gzipped: save it as UTF-8",
  ],
  ["UTF-16 without it", Buffer.from("{}", "utf16le"), "it is UTF-16 text, or no text"],
  ["a web page", Buffer.from("\uFEFF\n<!doctype html>"), "it is a web page, or XML"],
  ["empty", Buffer.alloc(0), "it is empty, but JSON was expected"],
  ["empty and gzipped", gzipSync(""), "it is empty, but JSON was expected"],
])("a file that is %s is named", async (_what, content, message) => {
  const reading = buffer(readJsonFile(fileOf(content)));
  await expect(reading).rejects.toThrow(FileContentError);
  await expect(reading).rejects.toThrow(message);
});
