import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { attackBundle, day, objectA, stixObject, writeFiles } from "../testing/sandbox.js";
import { readStixBundle } from "./read-stix-bundle.js";

const bundle = attackBundle("18.1", day("2025-11-13"), [stixObject(objectA, { created: day("2020-01-01") })]);

describe("readStixBundle", () => {
  test("reads .json and .json.gz alike", async () => {
    const gzipped = gzipSync(JSON.stringify(bundle));
    for (const file of await writeFiles({ "a.json": bundle, "a.json.gz": gzipped })) {
      expect(await readStixBundle(file)).toEqual(bundle);
    }
  });

  test.each([
    ["no.json", "not json", /no\.json is not JSON: expected a STIX 2\.1 bundle/],
    ["list.json", [], /list\.json is not a STIX 2\.1 bundle/],
    ["object.json", stixObject(objectA, {}), /object\.json is not a STIX 2\.1 bundle[\s\S]*type/],
    ["bad.json", { type: "bundle", objects: [{ type: "tool" }] }, /bad\.json[\s\S]*objects\[0\]\.id/],
    [
      "date.json",
      { type: "bundle", objects: [stixObject(objectA, { created: "x" })] },
      /objects\[0\]\.created/,
    ],
    ["plain.json.gz", "{}", /cannot read the STIX bundle .*plain\.json\.gz: incorrect header check/],
  ])("names %s and what is wrong with it", async (name, content, message) => {
    const [file = ""] = await writeFiles({ [name]: content });
    await expect(readStixBundle(file)).rejects.toThrow(message);
  });

  test("names a file that is not there", async () => {
    await expect(readStixBundle("/nowhere/a.json")).rejects.toThrow(
      /cannot read the STIX bundle \/nowhere\/a\.json: ENOENT/,
    );
  });
});
