import { type JsonObject, type JsonValue, parseJson } from "@cti-connectors/core";
import { alterationsIn } from "@cti-connectors/core/testing";
import { describe, expect, test, vi } from "vitest";
import { readRecords } from "../../src/export-file/read-export-file.js";
import { linkMalpedia } from "../../src/record/derived-texts.js";
import { enrichIoc } from "../../src/record/enrich-ioc.js";
import { iocRecord } from "../../src/record/ioc-record.js";
import { fullRecord, writeCsvExport, writeJsonExport } from "../../src/testing/three-ways.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const texts = [
  ...[null, "", " ", " x ", "x", "a,b", ",", 'quo"te', "'x'", "日本語", "e\u0301", "💥", "\u2028", "\\", ";"],
  ...["line\nbreak", "line\r\nbreak", "tab\t", "0", "75", "true", "#x", "null", "none", "x".repeat(10_000)],
];
const iocs: readonly (readonly [string, readonly string[]])[] = [
  ["ip:port", ["203.0.113.5", "[2001:db8::1]:443", "::ffff:203.0.113.5:80", "evil.example:443", "x"]],
  ["domain", ["Evil.example.", "evil.example:443", "http://evil.example", "münchen.example", "xn--a.com"]],
  ["url", ["http://évil.example/ä, \"b\"?c='d'", "evil.example/x", "http://[::ffff:203.0.113.5]/", "x\ny"]],
  ["sha1_hash", ["A".repeat(40), "x"]],
  ["envelope_from", ["A@Evil.example", "evil.example"]],
];
/** Values that the API tells, by field. */
const values: Readonly<Record<string, readonly JsonValue[]>> = {
  malware: texts,
  malware_printable: texts,
  malware_alias: texts,
  confidence_level: [null, 0, 100, 49.5, -1],
  is_compromised: [true, false],
  first_seen: [null, "2021-01-01 00:00:00 UTC"],
  last_seen: [null, "2026-07-24 13:50:06 UTC"],
  reference: texts,
  reporter: [...texts, "anonymous"],
  tags: [null, ["a"], ["a b", 'c"d'], ["日本語", "#x", "0"]],
};

const mutated: readonly JsonObject[] = [
  ...Object.entries(values).flatMap(([field, told]) =>
    told.map((value) => ({ ...fullRecord, [field]: value })),
  ),
  ...iocs.flatMap(([ioc_type, told]) =>
    told.map((ioc) => ({ ...fullRecord, threat_type: "other", threat_type_desc: null, ioc_type, ioc })),
  ),
].map((record: JsonObject, index) => ({
  ...record,
  id: String(index + 1),
  ...(record.threat_type === "other" && { ioc_type_desc: null }),
  malware_malpedia: typeof record.malware === "string" ? linkMalpedia(record.malware) : null,
}));

async function readExport(text: string): Promise<readonly unknown[]> {
  async function* chunks() {
    yield Buffer.from(text);
  }
  const records: unknown[] = [];
  for await (const record of readRecords(chunks())) {
    records.push(record);
  }
  return records;
}

/** What becomes of a record, beside core's envelope. */
function documentOf(record: unknown) {
  const { id, ioc, data } = iocRecord.parse(record);
  return { id, data, enriched: enrichIoc({ id, ioc, data }) };
}

/** By id: JSON's names are not in the order in which they were written. */
function documentsOf(records: readonly unknown[]) {
  return new Map(records.map(documentOf).map((document) => [document.id, document]));
}

/** As text, since JavaScript holds none of them. */
const inexact = ["12345678901234567890", "9007199254740993", "-1e999", "1E-400", "0.12345678901234567890"];

describe("a record is one document by API, JSON export and CSV export", () => {
  test("whatever its fields hold", async () => {
    const told = documentsOf(mutated);
    expect(told.size).toBe(mutated.length);
    expect(documentsOf(await readExport(writeJsonExport(mutated)))).toEqual(told);
    expect(documentsOf(await readExport(writeCsvExport(mutated)))).toEqual(told);
  });

  test.each(inexact)("with a number that JavaScript cannot hold: %s", async (number) => {
    const withNumber = (text: string) =>
      text.replace('"confidence_level":75', `"confidence_level":${number},"x_more":[{"n":${number}}]`);
    const told = parseJson(withNumber(JSON.stringify(fullRecord)));
    const [read] = await readExport(withNumber(writeJsonExport([fullRecord])));
    expect(alterationsIn(read)).toHaveLength(2);
    expect(alterationsIn(read)).toEqual(alterationsIn(told));
    expect(documentOf(read)).toEqual(documentOf(told));
    expect(documentOf(read).data).toMatchObject({ confidence_level: number, x_more: [{ n: number }] });
  });

  test.each<[string, JsonObject, JsonObject]>([
    [
      "tags with a comma or blanks, and the same twice",
      { tags: ["a,b", " c ", "c"] },
      { tags: ["a", "b", "c"] },
    ],
    ["no tag", { tags: [] }, { tags: null }],
  ])("but for what exports cannot say: %s", async (_name, told, read) => {
    const record = { ...fullRecord, ...told };
    for (const text of [writeJsonExport([record]), writeCsvExport([record])]) {
      const [document] = documentsOf(await readExport(text)).values();
      expect(document?.data).toEqual({ ...record, ...read });
    }
  });

  test("but for the text None, which is null in the CSV export", async () => {
    const record = { ...fullRecord, malware_printable: "None" };
    const [json, csv] = await Promise.all(
      [writeJsonExport([record]), writeCsvExport([record])].map(readExport),
    );
    expect(documentOf(json?.[0]).data).toEqual(record);
    expect(documentOf(csv?.[0]).data).toEqual({ ...record, malware_printable: null });
  });
});
