import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { exitStatus } from "../process/exit-status.js";
import { inspectSurroundings } from "../settings/surroundings.js";
import { foldersIn, program } from "../testing/program.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { type ConfigOptions, configCommand } from "./config-command.js";

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

async function config(options: ConfigOptions, processEnvironment: Readonly<Record<string, string>> = {}) {
  const printed: string[] = [];
  const terminal = { print: (text: string) => void printed.push(text), say: () => undefined };
  const surroundings = await inspectSurroundings(program, {
    processEnvironment,
    currentFolder: folder,
    folders: foldersIn(join(folder, "home")),
  });
  return { status: await configCommand(options, surroundings, terminal), text: printed.join("\n") };
}

const shown = z.object({
  settings: z.array(z.looseObject({ name: z.string() })),
  faults: z.array(z.object({ variable: z.string(), message: z.string() })),
  warnings: z.array(z.string()),
});

/** What `--json` says of one setting. */
function settingIn(text: string, name: string) {
  return shown.parse(JSON.parse(text)).settings.find((setting) => setting.name === name);
}

test("config shows where each value is from, and hides secrets", async () => {
  writeFileSync(join(folder, ".env"), "# mine\n\nTHREATFOX_API_KEY=s3cr3t-key\nQUERY_DAYS=5\n", {
    mode: 0o600,
  });
  const environment = {
    MONGO_URI: "mongodb://me:pa55word@db.example/",
    QUERY_DAYS: "2",
    THREATFOX_APIKEY: "x",
  };
  const { status, text } = await config({ json: true }, environment);
  expect(status).toBe(exitStatus.ok);
  expect(text).not.toMatch(/s3cr3t|pa55word/);
  expect(settingIn(text, "THREATFOX_API_KEY")).toEqual({
    name: "THREATFOX_API_KEY",
    connector: "threatfox",
    value: "[hidden]",
    from: "file",
    path: join(folder, ".env"),
    line: 3,
  });
  expect(settingIn(text, "QUERY_DAYS")).toMatchObject({ value: "2", from: "environment" });
  expect(settingIn(text, "DB_NAME")).toMatchObject({ value: "threat_intelligence", from: "default" });
  expect(settingIn(text, "DATA_DIR")).toEqual({ name: "DATA_DIR", from: "unset" });
  expect(settingIn(text, "MONGO_URI")).toMatchObject({ value: expect.stringContaining("db.example") });
  expect(shown.parse(JSON.parse(text)).warnings).toEqual([
    expect.stringContaining("did you mean THREATFOX_API_KEY?"),
  ]);
  const people = await config({}, environment);
  expect(people.text).toContain(`${join(folder, ".env")}:3`);
  expect(people.text).toContain(`${join(folder, "home", ".env")} (does not exist)`);
  expect(people.text).not.toMatch(/s3cr3t|pa55word/);
});

test("a secret from a file is hidden, and the variable that names the file is shown", async () => {
  writeFileSync(join(folder, "key"), "s3cr3t-key\n");
  const { text } = await config({ json: true }, { THREATFOX_API_KEY_FILE: join(folder, "key") });
  expect(settingIn(text, "THREATFOX_API_KEY")).toMatchObject({
    value: "[hidden]",
    from: "environment",
    variable: "THREATFOX_API_KEY_FILE",
  });
});

test("config works with invalid settings, lists all faults and hides what may hold a password", async () => {
  const environment = {
    QUERY_DAYS: "99",
    LOG_LEVEL: "loud",
    MONGO_URI: "mongodb//me:pa55word@db",
    DATA_DIR: "~somebody/cti",
    THREATFOX_API_KEY_FILE: join(folder, "nowhere"),
  };
  const { status, text } = await config({ json: true }, environment);
  expect(status).toBe(exitStatus.usage);
  const { faults } = shown.parse(JSON.parse(text));
  expect(faults.map(({ variable }) => variable).sort()).toEqual(Object.keys(environment).sort());
  expect(settingIn(text, "MONGO_URI")).toMatchObject({ value: "[hidden]" });
  expect(text).not.toContain("pa55word");
  expect((await config({}, environment)).text).toContain("These settings are invalid:\n");
});

test("config --init writes a .env for its owner alone, which changes nothing, and never writes over one", async () => {
  const path = join(folder, "home", ".env");
  expect(await config({ init: true })).toEqual({
    status: exitStatus.ok,
    text: `Wrote ${path}, which only you can read. Edit it to change settings.`,
  });
  expect(readFileSync(path, "utf8")).toMatch(/^# .+\.\nTHREATFOX_API_KEY=$/m);
  expect(readFileSync(path, "utf8")).toMatch(/^#DB_NAME=threat_intelligence$/m);
  if (process.platform !== "win32") {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  }
  const { status, text } = await config({ json: true });
  expect(status).toBe(exitStatus.ok);
  expect(shown.parse(JSON.parse(text)).warnings).toEqual([]);
  expect(shown.parse(JSON.parse(text)).settings.filter(({ from }) => from === "file")).toEqual([]);
  await expect(config({ init: true })).rejects.toThrow(`${path} already exists and was not changed`);
});
