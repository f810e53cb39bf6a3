import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { describeConfig } from "./describe-config.js";
import { fileOrUrlListSetting, fileOrUrlSetting, isUrl } from "./file-or-url-setting.js";
import { parseConfig } from "./parse-config.js";

const schema = z.object({ SOURCE: fileOrUrlSetting().optional() });

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "file-or-url-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("takes a file that is there, and an address without asking for it", () => {
  const file = join(temporaryFolder(), "full.json");
  writeFileSync(file, "{}");
  for (const source of [file, "https://127.0.0.1:1/full.json", "HTTP://127.0.0.1:1/"]) {
    expect(parseConfig(schema, { SOURCE: source })).toEqual({ SOURCE: source });
  }
});

test("is known to be a path or a URL", () => {
  expect(describeConfig(schema)).toMatchObject([{ name: "SOURCE", path: "or-url", required: false }]);
});

test("names the variable and the reason where there is nothing to be read", () => {
  const folder = temporaryFolder();
  const missing = join(folder, "none.json");
  expect(() => parseConfig(schema, { SOURCE: missing })).toThrow(
    `SOURCE names a file that cannot be read: there is no such file (ENOENT) (given: ${JSON.stringify(missing)})`,
  );
  expect(() => parseConfig(schema, { SOURCE: folder })).toThrow("SOURCE names a folder: a file was expected");
});

test.skipIf(process.platform === "win32")("refuses pipes and devices, which cannot be read twice", () => {
  const pipe = join(temporaryFolder(), "pipe");
  execFileSync("mkfifo", [pipe]);
  for (const source of [pipe, "/dev/null"]) {
    expect(() => parseConfig(schema, { SOURCE: source })).toThrow(
      "SOURCE names a pipe or a device: a file was expected. Save what comes from the pipe in a file first",
    );
  }
});

test("a list takes several, and names each that cannot be read, without what may be secret in it", () => {
  const list = z.object({ SOURCES: fileOrUrlListSetting() });
  const folder = temporaryFolder();
  const file = join(folder, "a.json");
  writeFileSync(file, "{}");
  const parse = (SOURCES: string) => parseConfig(list, { SOURCES });
  expect(parse(`${file}, https://127.0.0.1:1/b.json`)).toEqual({
    SOURCES: [file, "https://127.0.0.1:1/b.json"],
  });
  const wrong = `${file},${folder}/b.json,https://me:s3cret@exports.example/x`;
  expect(() => parse(wrong)).toThrow(`there is no such file (ENOENT): ${folder}/b.json`);
  expect(() => parse(wrong)).toThrow("must not contain a user name or password");
  expect(() => parse(wrong)).not.toThrow("s3cret");
});

test.each(["ftp://me:s3cret@exports.example/x", "FILE:///full.json"])(
  "%s is refused for its scheme, without what may be secret in it",
  (source) => {
    const parse = () => parseConfig(schema, { SOURCE: source });
    expect(parse).toThrow(/^SOURCE must be a file, or a URL that starts with http:\/\/ or https:\/\/ \(/);
    expect(parse).not.toThrow("s3cret");
  },
);

test("a URL is what the schema of URLs says", () => {
  const password = "https://me:s3cret@exports.example/";
  expect(() => parseConfig(schema, { SOURCE: password })).toThrow(
    /^SOURCE must not contain a user name or password/,
  );
  const here = z.string().startsWith("https://here.example/", { error: "must be from here" });
  const parse = (SOURCE: string) => parseConfig(z.object({ SOURCE: fileOrUrlSetting(here) }), { SOURCE });
  expect(() => parse("https://elsewhere.example/")).toThrow("SOURCE must be from here");
  expect(parse("https://here.example/x")).toEqual({ SOURCE: "https://here.example/x" });
});

test.each([
  ["ftp://exports.example/", true],
  ["https://exports.example/", true],
  ["C:\\full.json", false],
  ["c://full.json", false],
  ["exports/full.json", false],
  ["here:/full.json", false],
])("%s is a URL: %s", (text, expected) => {
  expect(isUrl(text)).toBe(expected);
});
