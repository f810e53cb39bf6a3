import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OptionError } from "@cti-connectors/core";
import { configureConnector, type Environment, parseConfig } from "@cti-connectors/core/host";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { threatfox } from "../threatfox.js";
import { backfillOption } from "./backfill-option.js";
import { threatfoxConfig } from "./threatfox-config.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "backfill-option-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "full.json"), "{}");
});

/** The export that a run loads first. */
function sourceOf(value: string | true, environment: Environment = {}): string | undefined {
  const context = { resolvePath: (path: string) => join(folder, path) };
  return backfillOption.apply(parseConfig(threatfoxConfig, environment), value, context).THREATFOX_BACKFILL;
}

test("the option alone is the full export", () => {
  expect(sourceOf(true)).toBe("https://threatfox.abuse.ch/export/json/full/");
  const url = "http://127.0.0.1:1/full.json.zip";
  expect(sourceOf(true, { THREATFOX_EXPORT_URL: url })).toBe(url);
  expect(sourceOf(true, { API_URL: "http://127.0.0.1:1/api/v1/" })).toBe(
    "http://127.0.0.1:1/files/exports/full.json.zip",
  );
});

test("a path counts from where the command was typed, and the option wins over the setting", () => {
  const setting = { THREATFOX_BACKFILL: join(folder, "full.json") };
  expect(sourceOf(" full.json ")).toBe(join(folder, "full.json"));
  const url = "https://exports.example/full.csv";
  expect(sourceOf(url, setting)).toBe(url);
});

test.each([
  ["missing.json", /^names a file that cannot be read: there is no such file \(ENOENT\): .*missing\.json$/],
  [".", /^names a folder: a file was expected: /],
  [
    "ftp://me:s3cret@exports.example/x",
    /^must be a file, or a URL that starts with http:\/\/ or https:\/\/$/,
  ],
  ["FILE:///full.json", /^must be a file, or a URL/],
  ["http://exports.example/s3cret/full.json", /^must start with https:\/\/, because anyone who can change/],
  [" ", /^has an empty value: give a file or a URL$/],
])("%s is refused", (value, message) => {
  expect(() => sourceOf(value)).toThrow(OptionError);
  expect(() => sourceOf(value)).toThrow(message);
  expect(() => sourceOf(value)).not.toThrow("s3cret");
});

test("a run with the option needs no key, and knows the one in the address", () => {
  const url = "https://threatfox.example/v2/files/exports/s3cret-key/full.json.zip";
  const { skipReason, secrets } = configureConnector(threatfox, parseConfig(threatfoxConfig, {}), {
    backfill: url,
  });
  expect(skipReason).toBeUndefined();
  expect(secrets).toEqual(["s3cret-key"]);
});
