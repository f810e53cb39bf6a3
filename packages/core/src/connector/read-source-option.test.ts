import { expect, test } from "vitest";
import { OptionError } from "./connector.js";
import { pathsFrom } from "./paths-from.js";
import { readSourceOption } from "./read-source-option.js";

const folder = import.meta.dirname;
const read = (value: string) => readSourceOption(value, pathsFrom(folder));

test("a source is a URL, or a file in the folder where the command was typed", () => {
  expect(read(" https://example.com/a.json ")).toBe("https://example.com/a.json");
  expect(read("connector.ts")).toBe(`${folder}/connector.ts`);
});

test.each([
  ["", "has an empty value"],
  ["nothing.json", "there is no such file (ENOENT)"],
  [".", "names a folder"],
  ["ftp://example.com/a.json", "must be a file, or a URL that starts with http:// or https://"],
  ["https://user:s3cret@example.com/", "must not contain a user name or password"],
])("%j cannot be loaded: %s", (value, message) => {
  expect(() => read(value)).toThrow(OptionError);
  expect(() => read(value)).toThrow(message);
  expect(() => read(value)).not.toThrow("s3cret");
});
