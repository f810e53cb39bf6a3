import { gzipSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { demoThreatfoxRecords } from "../demo/demo-threatfox-records.js";
import { askThreatfox, openSandbox, writeFiles } from "../testing/sandbox.js";
import type { ThreatfoxRecord } from "../threatfox/threatfox-record.js";
import { readThreatfoxFile } from "./read-threatfox-file.js";

const records = demoThreatfoxRecords(Date.parse("2026-06-30T12:00:00Z"));

async function read(content: unknown): Promise<readonly ThreatfoxRecord[]> {
  const [file = ""] = await writeFiles({ "threatfox-file": content });
  return readThreatfoxFile(file);
}

/** The exports leave out descriptions and the link to Malpedia, and tell of every record whether it is compromised. */
const exported = records.map(
  ({ threat_type_desc, ioc_type_desc, malware_malpedia, is_compromised = false, ...rest }) => ({
    ...rest,
    is_compromised,
  }),
);

describe("a file of records", () => {
  test.each([
    ["a get_iocs answer", { query_status: "ok", data: records }],
    ["a list of records", records],
    ["a gzipped list", gzipSync(JSON.stringify(records))],
  ])("may be %s", async (_, content) => {
    expect(await read(content)).toEqual(records);
  });

  test.each(["json/full", "json/recent", "csv/full", "csv/recent"])(
    "may be what /export/%s/ sends",
    async (name) => {
      const sandbox = await openSandbox({
        threatfoxRecords: records,
        now: () => new Date("2026-06-28T18:00:00Z"),
      });
      const open = exported.filter(({ first_seen }) => first_seen <= "2026-06-28 18:00:00 UTC");
      const response = await fetch(new URL(`/export/${name}/`, sandbox.threatfoxUrl));
      expect(await read(Buffer.from(await response.arrayBuffer()))).toEqual(open);
    },
  );

  test("may be empty where it is an answer, but not where nothing tells what it is", async () => {
    expect(await read({ query_status: "ok", data: [] })).toEqual([]);
    await expect(read({})).rejects.toThrow("it is empty");
  });

  test("keeps fields that are new", async () => {
    const record = {
      ioc_value: "a.example",
      ioc_type: "domain",
      first_seen_utc: "2026-06-30 12:00:00",
      new: 1,
    };
    const [found] = await read({ 17: [record] });
    expect(found).toMatchObject({
      id: "17",
      ioc: "a.example",
      first_seen: "2026-06-30 12:00:00 UTC",
      new: 1,
    });
  });

  test.each<[string, unknown, RegExp]>([
    ["no JSON", "certainly", /threatfox-file: it is neither JSON nor a CSV export/],
    ["JSON of another kind", "7", /nor an export/],
    ["an answer without records", { query_status: "unknown_auth_key" }, /at data/],
    ["an answer with a sentence", { query_status: "no_result", data: "Nothing" }, /at data/],
    ["a STIX bundle", { type: "bundle", objects: [] }, /nor an export/],
    ["an export with an odd record", { 17: [{ ioc: "a.example" }] }, /ioc_value/],
    [
      "a CSV without the names of its columns",
      "# nothing\n1,2\n",
      /no header line of a ThreatFox CSV export/,
    ],
    [
      "a CSV with a short row",
      '# "first_seen_utc","ioc_id","ioc_value"\n"2026-06-30 12:00:00", "1"\n',
      /line 2/,
    ],
    ["an empty file", "", /threatfox-file: it is neither JSON nor a CSV export/],
    ["an empty archive", Buffer.from(zipSync({})), /the archive contains 0 files/],
    [
      "two files",
      Buffer.from(zipSync({ a: strToU8("{}"), b: strToU8("{}") })),
      /the archive contains 2 files/,
    ],
    ["half an archive", Buffer.from(zipSync({ a: strToU8("[]") })).subarray(0, 20), /threatfox-file: /],
    ["half a gzip file", gzipSync("[]").subarray(0, 12), /threatfox-file: /],
  ])("is refused with its name where it is %s", async (_, content, message) => {
    await expect(read(content)).rejects.toThrow(message);
    await expect(read(content)).rejects.toThrow("cannot read the ThreatFox records of ");
  });

  test("is refused in a few lines, however much is wrong", async () => {
    const error = await read(Array.from({ length: 1000 }, () => ({}))).catch((reason: unknown) => reason);
    expect(String(error).split("\n").length).toBeLessThan(12);
    expect(String(error)).toContain("… and 3997 more");
  });

  test("is served as if the API had sent it", async () => {
    const [file = ""] = await writeFiles({
      "full.json": {
        9: [{ ioc_value: "a.example", ioc_type: "domain", first_seen_utc: "2020-01-01 00:00:00" }],
      },
    });
    const sandbox = await openSandbox({ threatfoxFile: file });
    expect(await askThreatfox(sandbox, { query: "get_iocs", days: 1 })).toMatchObject({
      data: [{ id: "9", ioc: "a.example", first_seen: "2020-01-01 00:00:00 UTC" }],
    });
  });
});
