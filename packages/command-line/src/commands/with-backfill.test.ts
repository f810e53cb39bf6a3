import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createRedactor } from "@cti-connectors/core/host";
import { expect, onTestFinished, test } from "vitest";
import { UsageError } from "../process/exit-status.js";
import { warnOfKeyInBackfill, withBackfill } from "./with-backfill.js";

const both = ["mitre-taxii", "threatfox"];

function around(environment: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "with-backfill-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "full.json"), "{}");
  return { environment, folder, dataFolder: "/data/mongo" };
}

test("without the option nothing is loaded first, and downloads go to the data folder", () => {
  expect(withBackfill(around(), undefined, both)).toEqual({
    THREATFOX_BACKFILL: undefined,
    THREATFOX_DOWNLOAD_DIR: join("/data/mongo", "downloads"),
  });
});

test("the option alone is the full export", () => {
  expect(withBackfill(around(), true, both)).toMatchObject({
    THREATFOX_BACKFILL: "https://threatfox.abuse.ch/export/json/full/",
  });
  const url = "http://127.0.0.1:1/full.json.zip";
  expect(withBackfill(around({ THREATFOX_EXPORT_URL: url }), true, both)).toMatchObject({
    THREATFOX_BACKFILL: url,
  });
  expect(withBackfill(around({ API_URL: "http://127.0.0.1:1/api/v1/" }), true, both)).toMatchObject({
    THREATFOX_BACKFILL: "http://127.0.0.1:1/files/exports/full.json.zip",
  });
});

test("a path counts from where the command was typed, the option wins over the setting", () => {
  const surroundings = around({ THREATFOX_BACKFILL: "full.json", THREATFOX_DOWNLOAD_DIR: "/exports" });
  const { folder } = surroundings;
  expect(withBackfill(surroundings, undefined, both)).toEqual({
    THREATFOX_BACKFILL: join(folder, "full.json"),
    THREATFOX_DOWNLOAD_DIR: "/exports",
  });
  const url = "https://exports.example/full.csv";
  expect(withBackfill(surroundings, url, both).THREATFOX_BACKFILL).toBe(url);
});

test.each<[string | true, readonly string[], RegExp]>([
  ["missing.json", both, /^--backfill: there is no export to be loaded at .*missing\.json/],
  ["ftp://me:s3cret@exports.example/x", both, /^--backfill cannot be loaded from ftp:\/\/: a file, or a URL/],
  ["FILE:///full.json", both, /^--backfill cannot be loaded from file:\/\/: a file, or a URL/],
  [true, ["mitre-taxii"], /threatfox, which is not among what is to be run/],
  ["threatfox", both, /Write run threatfox --backfill/],
  [" ", both, /--backfill is followed by an empty text/],
])("%s for %j is refused", (backfill, connectors, message) => {
  const run = () => withBackfill(around(), backfill, connectors);
  expect(run).toThrow(UsageError);
  expect(run).toThrow(message);
});

test.each([
  ["/nope", /^THREATFOX_BACKFILL: there is no export to be loaded at \/nope: a file or a URL was expected/],
  ["ftp://exports.example/x", /^THREATFOX_BACKFILL cannot be loaded from ftp:\/\/: a file, or a URL/],
])("the setting %s is refused by its name", (value, message) => {
  const run = () => withBackfill(around({ THREATFOX_BACKFILL: value }), undefined, both);
  expect(run).toThrow(UsageError);
  expect(run).toThrow(message);
});

test("a key in an address behind --backfill is warned about, since the process list shows it", () => {
  const key = "0123456789abcdef0123456789abcdef0123456789abcdef";
  const around = { redact: createRedactor(["short-key"]) };
  for (const address of [
    `https://threatfox-api.abuse.ch/v2/files/exports/${key}/full.json.zip`,
    "https://threatfox-api.abuse.ch/v2/files/exports/short/full.json.zip",
    `https://threatfox-api.abuse.ch/files/exports/full.json.zip?auth-key=${key}`,
    "https://example.com/short-key/full.json",
  ]) {
    expect(warnOfKeyInBackfill(address, around)).toMatch(/process list.*THREATFOX_API_KEY/);
    expect(warnOfKeyInBackfill(address, around)).not.toContain("short");
  }
  for (const source of [
    true,
    undefined,
    "full.json",
    "https://threatfox.abuse.ch/export/json/full/",
  ] as const) {
    expect(warnOfKeyInBackfill(source, around)).toBeUndefined();
  }
});

test("a path with ~ is one in the home folder, and a Windows path is refused elsewhere", () => {
  expect(() => withBackfill(around(), "~/there-is-no-such-export.json", both)).toThrow(
    join(homedir(), "there-is-no-such-export.json"),
  );
  if (process.platform !== "win32") {
    expect(() => withBackfill(around(), "C:\\full.json", both)).toThrow(
      "--backfill must be a path of this system",
    );
  }
});
