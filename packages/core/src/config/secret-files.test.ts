import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, type Environment } from "./parse-config.js";
import { readSecretFiles } from "./secret-files.js";

const schemas = [
  z.object({ MONGO_URI: z.string().meta({ quoted: false }).optional(), DB_NAME: z.string().optional() }),
  z.object({ API_KEY: z.string().optional().meta({ secret: true }) }),
];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "secret-files-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (environment: Environment) => readSecretFiles(schemas, environment, () => folder);

function write(content: string | Buffer): string {
  const path = join(folder, "secret");
  writeFileSync(path, content);
  return path;
}

function faultsOf(environment: Environment): string {
  try {
    read(environment);
  } catch (error) {
    return error instanceof ConfigError ? error.message : String(error);
  }
  return "none";
}

test.each([
  ["as it is", "k3y", "k3y"],
  ["without the line break at its end", "k3y\n", "k3y"],
  ["without that of Windows", "k3y\r\n", "k3y"],
  ["without a byte order mark", "\uFEFFk3y\n", "k3y"],
  ["with characters that a shell or .env would read otherwise", `k3y #'"$\`\\=ü\n`, `k3y #'"$\`\\=ü`],
])("a secret is read from its file %s", (_how, content, expected) => {
  expect(read({ API_KEY_FILE: write(content) })).toEqual({ API_KEY: expected });
});

test("what may hold a password can be a file as well; other settings cannot", () => {
  const path = write("mongodb://user:password@host/");
  expect(read({ MONGO_URI_FILE: path, DB_NAME_FILE: path })).toEqual({
    MONGO_URI: "mongodb://user:password@host/",
  });
});

test("a blank variable counts as not set", () => {
  expect(read({ API_KEY_FILE: " ", API_KEY: "k3y" })).toEqual({});
  expect(read({ API_KEY_FILE: write("k3y"), API_KEY: " " })).toEqual({ API_KEY: "k3y" });
});

test("a relative path starts where the variable was written", () => {
  write("k3y");
  expect(read({ API_KEY_FILE: "secret" })).toEqual({ API_KEY: "k3y" });
  expect(read({ API_KEY_FILE: " ./secret " })).toEqual({ API_KEY: "k3y" });
});

test("a setting that is given in both ways is refused by both names", () => {
  expect(faultsOf({ API_KEY: "k3y", API_KEY_FILE: write("k3y") })).toBe(
    "API_KEY and API_KEY_FILE must not both be set: remove one of them",
  );
});

test.each([
  ["missing", () => "/no-such-folder/key", /there is no such file .*\/no-such-folder\/key/],
  ["below a file", () => join(write("k3y"), "key"), /there is no such file .*secret.key/],
  ["a folder", () => folder, /it is a folder .*secret-files-/],
  ["empty", () => write(""), /names an empty file .*secret/],
  ["blank", () => write(" \r\n"), /names an empty file .*secret/],
  ["Latin-1", () => write(Buffer.from("schlüssel", "latin1")), /not UTF-8 text: save it as UTF-8 .*secret/],
  ["UTF-16", () => write(Buffer.from("\uFEFFk3y", "utf16le")), /not UTF-8 text: save it as UTF-8 .*secret/],
  ["UTF-16 without a mark", () => write(Buffer.from("k3y", "utf16le")), /not UTF-8 text/],
  ["too long", () => write("k".repeat(1_048_577)), /more than 1048576 bytes .*secret/],
])("a file that is %s is refused with its variable and path", (_what, make, message) => {
  const faults = faultsOf({ API_KEY_FILE: make() });
  expect(faults).toMatch(/^API_KEY_FILE names /);
  expect(faults).toMatch(message);
});

test.skipIf(process.platform === "win32")("a device is refused", () => {
  expect(faultsOf({ API_KEY_FILE: "/dev/zero" })).toBe(
    "API_KEY_FILE names a device: a file was expected (given: /dev/zero)",
  );
});

test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
  "a file that this user may not read is refused",
  () => {
    const path = write("k3y");
    chmodSync(path, 0o000);
    expect(faultsOf({ API_KEY_FILE: path })).toContain(
      `you do not have permission to read it (EACCES) (given: ${path})`,
    );
  },
);

test("all faults are reported at once", () => {
  mkdirSync(join(folder, "key"));
  expect(faultsOf({ API_KEY_FILE: "./key", MONGO_URI_FILE: "./uri" }).split("\n")).toEqual([
    expect.stringMatching(/^MONGO_URI_FILE .*there is no such file/),
    expect.stringMatching(/^API_KEY_FILE .*it is a folder/),
  ]);
});

test.each(["hunter2", "mongodb://user:hunter2@host/", "q/hunter2+k3y==", "hunter2".repeat(50)])(
  "a secret that was written in place of its file is not shown: %s",
  (given) => {
    const faults = faultsOf({ API_KEY_FILE: given });
    expect(faults).toMatch(/^API_KEY_FILE .*may be the secret itself/);
    expect(faults).toContain(folder);
    expect(faults).not.toContain("hunter2");
  },
);

test.skipIf(process.platform === "win32")(
  "a secret is read from a pipe, once, and modules are found afterwards",
  () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const say = (text: string) =>
      spawn("sh", ["-c", `printf '%s' '${text}' > '${pipe}'`], { stdio: "ignore" });
    mkdirSync(join(folder, "linked"));
    for (const name of ["before", "after"]) {
      writeFileSync(join(folder, "linked", `${name}.cjs`), "");
    }
    symlinkSync("linked", join(folder, "link"));
    const { resolve } = createRequire(import.meta.url);
    resolve(join(folder, "link", "before.cjs"));

    say("k3y");
    expect(read({ API_KEY_FILE: pipe })).toEqual({ API_KEY: "k3y" });
    expect(resolve(join(folder, "link", "after.cjs"))).toBe(
      join(realpathSync(folder), "linked", "after.cjs"),
    );
    say("");
    expect(faultsOf({ API_KEY_FILE: pipe })).toContain("names an empty pipe, which gives its text only once");
  },
);
