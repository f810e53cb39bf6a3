import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConnector } from "@cti-connectors/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { foldersIn, program } from "../testing/program.js";
import { findSurroundings } from "./surroundings.js";

let root: string;
let typed: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "runner-surroundings-"));
  typed = join(root, "somewhere");
  mkdirSync(typed);
});

const lookAround = (processEnvironment: NodeJS.ProcessEnv) =>
  findSurroundings(program, { processEnvironment, currentFolder: root, folders: foldersIn(root) });

afterEach(() => rmSync(root, { recursive: true, force: true }));

test("relative paths count from INIT_CWD, or from the current folder without it", async () => {
  expect((await lookAround({ INIT_CWD: typed })).folder).toBe(typed);
  expect((await lookAround({})).folder).toBe(root);
});

test("the process wins over .env where the command was typed, that over .env of the program", async () => {
  writeFileSync(join(root, ".env"), "A=root\nB=root\nC=root\n");
  writeFileSync(join(typed, ".env"), "A=typed\nB=typed\n");
  const { environment } = await lookAround({ INIT_CWD: typed, A: "process" });
  expect(environment).toMatchObject({ A: "process", B: "typed", C: "root" });
});

test("the embedded database lies in the folder of the program, wherever the command is typed", async () => {
  const expected = foldersIn(root).data;
  expect((await lookAround({ INIT_CWD: typed })).dataFolder).toBe(expected);
  expect((await lookAround({ INIT_CWD: typed, DATA_DIR: " " })).dataFolder).toBe(expected);
});

test("a relative DATA_DIR counts from where it was written", async () => {
  const dataFolder = async (environment: NodeJS.ProcessEnv) =>
    (await lookAround({ INIT_CWD: typed, ...environment })).dataFolder;
  expect(await dataFolder({ DATA_DIR: "db" })).toBe(join(typed, "db"));
  expect(await dataFolder({ DATA_DIR: join(root, "absolute") })).toBe(join(root, "absolute"));
  writeFileSync(join(root, ".env"), "DATA_DIR=db\n");
  expect(await dataFolder({})).toBe(join(root, "db"));
  writeFileSync(join(typed, ".env"), "DATA_DIR=db\n");
  expect(await dataFolder({})).toBe(join(typed, "db"));
});

test("a setting that may be a URL counts as a path where it is none", async () => {
  writeFileSync(join(root, ".env"), "THREATFOX_BACKFILL=full.json\n");
  const source = async (environment: NodeJS.ProcessEnv) =>
    (await lookAround({ INIT_CWD: typed, ...environment })).environment.THREATFOX_BACKFILL;
  expect(await source({})).toBe(join(root, "full.json"));
  expect(await source({ THREATFOX_BACKFILL: "full.json" })).toBe(join(typed, "full.json"));
  expect(await source({ THREATFOX_BACKFILL: "~/full.json" })).toBe(join(homedir(), "full.json"));
  for (const url of ["https://exports.example/full.json", "ftp://exports.example/full.json"]) {
    expect(await source({ THREATFOX_BACKFILL: url })).toBe(url);
  }
});

test("two connectors that claim one setting are named", async () => {
  const other = defineConnector({
    name: "acme",
    summary: "a test",
    config: z.object({ API_URL: z.string().optional() }),
    steps: [],
  });
  const connectors = [...program.connectors, other];
  const start = { processEnvironment: {}, currentFolder: root, folders: foldersIn(root) };
  await expect(findSurroundings({ ...program, connectors }, start)).rejects.toThrow(
    /^API_URL is a setting of threatfox and of acme: give it another name in acme/,
  );
});

test("secrets of the environment and of .env are known", async () => {
  writeFileSync(join(root, ".env"), "THREATFOX_API_KEY=  abcdef-key  \n");
  const environment = { MONGO_URI: "mongodb://me:pa55word@db.example:27017/" };
  const { redact } = await lookAround(environment);
  expect(redact("abcdef-key and pa55word")).toBe("[redacted] and [redacted]");
});

test("a secret may be a file, whose path counts from where it was written, and is known like any other", async () => {
  writeFileSync(join(root, ".env"), "THREATFOX_API_KEY_FILE=key\n");
  writeFileSync(join(root, "key"), "abcdef-key\n");
  writeFileSync(join(typed, "uri"), "mongodb://me:pa55word@db.example:27017/\n");
  const { environment, redact, warnings } = await lookAround({ INIT_CWD: typed, MONGO_URI_FILE: "uri" });
  expect(environment).toMatchObject({
    THREATFOX_API_KEY: "abcdef-key",
    MONGO_URI: "mongodb://me:pa55word@db.example:27017/",
  });
  expect(redact("abcdef-key and pa55word")).toBe("[redacted] and [redacted]");
  expect(warnings).toEqual([]);
});

test("paths in .env may begin with ~, and odd settings are warned about", async () => {
  writeFileSync(join(root, ".env"), "DATA_DIR=~/cti\nTHREATFOX_APIKEY=abc#def\nMITRE_PASSWORD=abc#def\n", {
    mode: 0o600,
  });
  const { dataFolder, environment, warnings } = await lookAround({ INIT_CWD: typed });
  expect(dataFolder).toBe(join(homedir(), "cti"));
  expect(environment.MITRE_PASSWORD).toBe("abc#def");
  expect(warnings).toEqual([
    `THREATFOX_APIKEY in ${join(root, ".env")} is not a setting: did you mean THREATFOX_API_KEY?`,
  ]);
});
