import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { describeConfig } from "./describe-config.js";
import { parseConfig } from "./parse-config.js";
import { textFileSetting } from "./text-file-setting.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "text-file-"));
});
afterAll(() => rm(folder, { recursive: true }));

const schema = z.object({ CA_FILE: textFileSetting().optional().describe("A file") });

test("gives the text of the file", async () => {
  const path = join(folder, "ca.pem");
  await writeFile(path, "grüße\n");
  expect(parseConfig(schema, { CA_FILE: path })).toEqual({ CA_FILE: "grüße\n" });
  expect(parseConfig(schema, {})).toEqual({});
});

test("is known to be a path", () => {
  expect(describeConfig(schema)).toMatchObject([{ name: "CA_FILE", path: true, required: false }]);
});

test("names the variable, the file and the reason where it cannot be read", async () => {
  const missing = join(folder, "none.pem");
  expect(() => parseConfig(schema, { CA_FILE: missing })).toThrow(
    `CA_FILE names a file that cannot be read: there is no such file (ENOENT) (given: ${JSON.stringify(missing)})`,
  );
  expect(() => parseConfig(schema, { CA_FILE: folder })).toThrow("it is a folder (EISDIR)");
  const large = join(folder, "large");
  await writeFile(large, Buffer.alloc(10_000_001));
  expect(() => parseConfig(schema, { CA_FILE: large })).toThrow(
    "CA_FILE names a file of more than 10000000 bytes",
  );
});
