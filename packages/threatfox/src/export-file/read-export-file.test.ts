import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { alterationsIn } from "@cti-connectors/core/testing";
import { describe, expect, test, vi } from "vitest";
import { UnreadableEntry } from "../record/export-entry.js";
import { exportedRecord, jsonExport, writeTemporary, zip64Of, zipOf } from "../testing/export-files.js";
import { ExportFileError } from "./export-file.js";
import { type ExportPage, type ReadExportOptions, readExportFile } from "./read-export-file.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** All pages up to the end, or up to the error. */
async function read(file: string, options?: ReadExportOptions) {
  const pages: ExportPage[] = [];
  try {
    for await (const page of readExportFile(file, options)) {
      pages.push(page);
    }
    return { pages, records: pages.flatMap(({ records }) => records), error: undefined };
  } catch (error) {
    return { pages, records: pages.flatMap(({ records }) => records), error };
  }
}

function readText(content: string | Uint8Array, options?: ReadExportOptions) {
  return read(writeTemporary(content), options);
}

const three = [1, 2, 3].map((index) => ({ ...exportedRecord(index), ioc_id: String(index) }));
const columns = [
  '"first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type","fk_malware","malware_alias","malware_printable",',
  '"last_seen_utc","confidence_level","is_compromised","reference","tags","anonymous","reporter"',
].join("");
const head = `################\r\n# ThreatFox IOCs: full dump #\r\n#\r\n# ${columns}\r\n`;
const foot = (rows: number) => `# Number of entries: ${rows}\r\n`;
const row = (id: number, reporter = "abuse_ch") =>
  `"2026-01-02 03:04:05", "${id}", "https://c${id}.example/#a,b", "url", "botnet_cc", "win.x", "None", "X", "", "75", "False", "None", "a,b", "0", "${reporter}"\r\n`;

describe("what a file is, is told from its content", () => {
  test.each<[string, () => Uint8Array | string]>([
    ["JSON as it is", () => jsonExport(3)],
    ["JSON behind a byte order mark and blanks", () => `\uFEFF \n${jsonExport(3)}\n`],
    ["a gzipped file", () => gzipSync(jsonExport(3))],
    ["a zip archive, deflated", () => zipOf({ "full.json": jsonExport(3) })],
    ["a zip archive, stored", () => zipOf({ "full.json": jsonExport(3) }, 0)],
    ["a zip64 archive", () => zip64Of("full.json", jsonExport(3))],
    [
      "a zip archive with other files before it",
      () => zipOf({ "README.txt": "hello", "__MACOSX/full.json": "x", "data/FULL.JSON": jsonExport(3) }),
    ],
    ["a zip archive with a file of any name", () => zipOf({ dump: jsonExport(3) })],
  ])("%s", async (_name, make) => {
    const { records, error } = await readText(make());
    expect(error).toBeUndefined();
    expect(records).toEqual(three);
  });

  test("CSV, the columns in a comment above", async () => {
    const { records, error } = await readText(`${head}${row(1)}${row(2)}${foot(2)}`);
    expect(error).toBeUndefined();
    expect(records).toEqual([
      expect.objectContaining({ ioc_id: "1", ioc_value: "https://c1.example/#a,b", fk_malware: "win.x" }),
      expect.objectContaining({ ioc_id: "2", tags: "a,b", last_seen_utc: "", reporter: "abuse_ch" }),
    ]);
  });

  test.each([
    ["in the first row", `${columns}\n${row(1)}`],
    ["in the first row, zipped", zipOf({ "full.csv": `${columns}\n${row(1)}` })],
    ["behind a byte order mark", `\uFEFF${head}${row(1)}${foot(1)}`],
  ])("CSV, the columns %s", async (_place, content) => {
    const { records, error } = await readText(content);
    expect(error).toBeUndefined();
    expect(records).toEqual([expect.objectContaining({ ioc_id: "1", reporter: "abuse_ch" })]);
  });

  test.each([
    ["JSON", "{}"],
    ["JSON as PHP writes it", "[]"],
    ["CSV", `${head}${foot(0)}`],
  ])("an empty export is one: %s", async (_kind, content) => {
    expect(await readText(content)).toEqual({ pages: [], records: [], error: undefined });
  });

  test.each<[string, string | Uint8Array, RegExp]>([
    ["nothing", "", /export: it is empty \(at byte 0 of 0\)/],
    ["blanks", " \n", /it is empty/],
    ["a web page", "<html>", /it is a web page/],
    ["a text", "hello", /neither JSON nor CSV/],
    ["UTF-16", Buffer.from("\uFEFF{}", "utf16le"), /it is UTF-16 text, but .*: save it as UTF-8/],
    ["UTF-16 without byte order mark", Buffer.from("{}", "utf16le"), /it is UTF-16 text, or no text/],
    ["compressed with xz", Buffer.from("fd377a585a00", "hex"), /it is compressed with xz, but .*: unpack it/],
    ["an answer of the API", '{"query_status":"ok","data":[]}', /answer of ThreatFox's API/],
    [
      "one with its fields in another order",
      '{"data":[{"id":"1"}],"query_status":"ok"}',
      /answer of ThreatFox's API/,
    ],
    ["a list", '[{"id":"1"}]', /a list: an object with ThreatFox's ids as keys was expected/],
    [
      "a STIX bundle",
      '{"type":"bundle","id":"bundle--1","objects":[]}',
      /it is JSON, but not an export of ThreatFox: .*its first key is "type"/,
    ],
    ["CSV of something else", '"a","b"\n1,2\n', /no header line.*"ioc_id"/],
    ["comments without end", "#\n".repeat(40_000), /no header line/],
    ["broken JSON", '{"1":[{]}', /it is not JSON: Unexpected.*\(at byte 9 of 9\)/],
    ["JSON with more behind it", "{} x", /it is not JSON/],
    ["deeply nested JSON", `{"1":${"[".repeat(5_000)}`, /nested more than 1000 levels/],
  ])("%s is none", async (_name, content, message) => {
    const { records, error } = await readText(content);
    expect(records).toEqual([]);
    expect(error).toBeInstanceOf(ExportFileError);
    expect(error).toHaveProperty("message", expect.stringMatching(message));
  });

  test("a folder is none, and what is not there is told by the file system", async () => {
    const file = writeTemporary("{}");
    expect((await read(dirname(file))).error).toHaveProperty(
      "message",
      expect.stringMatching(/is not a file/),
    );
    expect((await read(`${file}.missing`)).error).toHaveProperty("code", "ENOENT");
  });
});

describe("records that are none", () => {
  test("come as lists with their id, and the others are read", async () => {
    const odd = '{"1":[{"ioc_value":"a"},"text",null],"2":"text","3":{"ioc_value":"b"},"4":[]}';
    expect((await readText(odd)).records).toEqual([
      { ioc_value: "a", ioc_id: "1" },
      new UnreadableEntry(["1", "text"], "an IOC must be a JSON object"),
      new UnreadableEntry(["1", null], "an IOC must be a JSON object"),
      new UnreadableEntry(["2", "text"], "an IOC must be a JSON object"),
      { ioc_value: "b", ioc_id: "3" },
    ]);
  });

  test.each(["JSON", "CSV"])("%s with a byte that is no UTF-8 is read to its end", async (kind) => {
    const text =
      kind === "JSON"
        ? jsonExport(3).replace("abuse_ch", "J\u00FCrgen")
        : head + row(1, "J\u00FCrgen") + row(2) + row(3) + foot(3);
    const { records, error } = await readText(Buffer.from(text, "latin1"));
    expect(error).toBeUndefined();
    expect(records).toMatchObject([
      { ioc_id: "1", reporter: "J\uFFFDrgen" },
      { ioc_id: "2", reporter: "abuse_ch" },
      { ioc_id: "3", reporter: "abuse_ch" },
    ]);
    expect(records.map(alterationsIn)).toEqual([["reporter: invalid UTF-8 was replaced by U+FFFD"], [], []]);
  });

  test("a number that JavaScript cannot hold is kept as text, wherever it stands", async () => {
    const { records } = await readText(
      '{"1":[{"ioc_value":"a","__proto__":1e999,"7":[-1,2e400]},12345678901234567890],"2":-1e999,"3":[{"ioc_value":"b","n":1e9}]}',
    );
    const kept = "a number kept as text, because a number would lose digits";
    expect(JSON.stringify(records[0])).toBe(
      '{"7":[-1,"2e400"],"ioc_value":"a","__proto__":"1e999","ioc_id":"1"}',
    );
    expect(alterationsIn(records[0])).toEqual([`__proto__: ${kept}`, `7.1: ${kept}`]);
    expect(records.slice(1)).toEqual([
      new UnreadableEntry(["1", "12345678901234567890"], "an IOC must be a JSON object"),
      new UnreadableEntry(["2", "-1e999"], "an IOC must be a JSON object"),
      { ioc_value: "b", n: 1e9, ioc_id: "3" },
    ]);
    expect(alterationsIn(records[3])).toEqual([]);
  });

  test("names that an object has of its own are fields like others", async () => {
    const { records } = await readText(
      '{"__proto__":[{"__proto__":{"a":1},"constructor":2,"ioc_value":"a"}]}',
    );
    expect(JSON.stringify(records)).toBe(
      '[{"__proto__":{"a":1},"constructor":2,"ioc_value":"a","ioc_id":"__proto__"}]',
    );
  });

  test("rows of CSV with more or fewer fields say so, and quotes within fields trouble no other field", async () => {
    const text = `${head}"only"\r\n${row(1, 'a "quoted" b')}${row(2, 'doubled ""quotes""')}${row(3).replace("\r", ', "x"\r')}${foot(4)}`;
    const { records, error } = await readText(text);
    expect(error).toBeUndefined();
    expect(records).toEqual([
      new UnreadableEntry(["only"], "1 field, the header names 15"),
      expect.objectContaining({ ioc_id: "1", reporter: '"a "quoted" b"' }),
      expect.objectContaining({ ioc_id: "2", reporter: 'doubled "quotes"' }),
      expect.objectContaining({ reason: "16 fields, the header names 15" }),
    ]);
  });

  test("None in CSV is null, and an empty cell is empty", async () => {
    const { records } = await readText(`${head}${row(1, "")}${row(2, "None")}${row(3, " None")}${foot(3)}`);
    expect(records).toEqual([
      expect.objectContaining({ reference: null, last_seen_utc: "", reporter: "" }),
      expect.objectContaining({ reporter: null }),
      expect.objectContaining({ reporter: " None" }),
    ]);
  });

  test.each([
    ['"http://a.example/?q="x""', 'http://a.example/?q="x"'],
    ['"http://a.example/?q=""x"""', 'http://a.example/?q="x"'],
    ['"a ""x"" b"', 'a "x" b'],
    ['""', ""],
    ['""""""', '""'],
  ])("an IOC and a reference of CSV come without the quotes around them: %s", async (field, value) => {
    const text = `"ioc_id","ioc_value","reference","reporter"\n"1", ${field}, ${field}, "a "b""\n`;
    const { records, error } = await readText(text);
    expect(error).toBeUndefined();
    expect(records).toEqual([{ ioc_id: "1", ioc_value: value, reference: value, reporter: '"a "b""' }]);
  });
});

describe("pages", () => {
  test.each<[string, () => Uint8Array | string]>([
    ["as it is", () => jsonExport(2_500)],
    ["zipped", () => zipOf({ "full.json": jsonExport(2_500) })],
  ])("of 1,000 records, with the bytes of the file %s", async (_name, make) => {
    const { pages } = await readText(make());
    expect(pages.map(({ records, recordsRead }) => [records.length, recordsRead])).toEqual([
      [1_000, 1_000],
      [1_000, 2_000],
      [500, 2_500],
    ]);
    const [first, second, last] = pages.map(({ bytes }) => bytes);
    expect(first?.read).toBeLessThanOrEqual(second?.read ?? 0);
    expect(last?.read).toBe(last?.total);
  });

  test("go on behind the records that are skipped", async () => {
    const file = writeTemporary(jsonExport(2_500));
    const all = await read(file);
    const rest = await read(file, { skip: 1_300 });
    expect(rest.records).toEqual(all.records.slice(1_300));
    expect(rest.pages.map(({ recordsRead }) => recordsRead)).toEqual([2_300, 2_500]);
    expect((await read(file, { skip: 2_500 })).records).toEqual([]);
  });

  test("without records tell how far it is while many are skipped", async () => {
    const { pages } = await readText(jsonExport(45_000), { skip: 44_000 });
    expect(pages.map(({ records, recordsRead }) => [records.length, recordsRead])).toEqual([
      [0, 20_000],
      [0, 40_000],
      [1_000, 45_000],
    ]);
    expect(pages[0]?.bytes.read).toBeGreaterThan(0);
  });
});

describe("a file that is cut off gives its whole records, and says where it ends", () => {
  const json = jsonExport(2_500);
  const csv = head + Array.from({ length: 2_500 }, (_, index) => row(index + 1)).join("");

  test.each<[string, Uint8Array]>([
    ["JSON", Buffer.from(json).subarray(0, 1_000_000)],
    ["CSV", Buffer.from(csv).subarray(0, 300_000)],
    ["gzip", gzipSync(json).subarray(0, -2_000)],
    ["gzipped CSV", gzipSync(csv).subarray(0, -2_000)],
  ])("%s", async (_kind, content) => {
    const file = writeTemporary(content);
    const { records, error } = await read(file, { name: "full.json" });
    expect(records.length).toBeGreaterThan(1_000);
    expect(records.length).toBeLessThan(2_500);
    expect(records.at(-1)).toMatchObject({ ioc_id: String(records.length) });
    expect(error).toBeInstanceOf(ExportFileError);
    expect(error).toHaveProperty(
      "message",
      expect.stringMatching(
        new RegExp(`^full\\.json: .*cut off \\(at byte ${content.length} of ${content.length}\\)$`),
      ),
    );
  });
});

describe("a CSV export that tells of the number of its rows", () => {
  const rows = row(1) + row(2);

  test.each<[string, string]>([
    ["below its rows", head + rows + foot(2)],
    ["without a line break behind it", (head + rows + foot(2)).trimEnd()],
    ["above other comment lines", `${head}${rows}${foot(2)}${"#".repeat(200)}\n\n# end\n`],
    ["with its columns in the first row", `${columns}\r\n${rows}${foot(2)}`],
  ])("is whole with as many: %s", async (_name, text) => {
    const { records, error } = await readText(text);
    expect(error).toBeUndefined();
    expect(records).toHaveLength(2);
  });

  test.each<[string, string, RegExp]>([
    [
      "cut off between two rows",
      head + rows,
      /ends after 2 rows without the line .*it was cut off \(at byte/,
    ],
    [
      "cut off in that line",
      (head + rows + foot(20)).slice(0, -12),
      /without the line that states their number/,
    ],
    ["without a row of them", head + rows + foot(3), /it has 2 rows, but its last line says 3/],
    ["of which a row looks like it", `${head}${rows}"${foot(2)}", "b"\r\n`, /without the line/],
  ])("is none that is whole: %s", async (_name, text, message) => {
    const { records, error } = await readText(text);
    expect(records.slice(0, 2)).toMatchObject([{ ioc_id: "1" }, { ioc_id: "2" }]);
    expect(error).toBeInstanceOf(ExportFileError);
    expect(error).toHaveProperty("message", expect.stringMatching(message));
  });
});

describe("a zip archive that cannot be unpacked is told to be one", () => {
  /** With other bytes at a place of the central directory's only entry. */
  function tampered(change: (archive: Buffer, entry: number) => void): Buffer {
    const archive = zipOf({ "full.json": jsonExport(2_500) });
    change(archive, archive.indexOf("PK\x01\x02", 0, "latin1"));
    return archive;
  }

  test.each<[string, () => Uint8Array, RegExp]>([
    [
      "cut off",
      () => zipOf({ "full.json": jsonExport(3) }).subarray(0, 200),
      /export is a damaged or incomplete zip archive: .*Download it again/,
    ],
    [
      "with several exports",
      () => zipOf({ "may.json": jsonExport(3), "june.csv": head }),
      /contains several exports, such as may\.json and june\.csv: unpack it/,
    ],
    ["without files", () => zipOf({}), /zip archive without a file/],
    [
      "encrypted",
      () => tampered((archive, entry) => archive.writeUInt16LE(1, entry + 8)),
      /full\.json in .*export is encrypted: unpack it/,
    ],
    [
      "packed in another way",
      () => tampered((archive, entry) => archive.writeUInt16LE(14, entry + 10)),
      /packed with method 14/,
    ],
    [
      "a bomb",
      () => tampered((archive, entry) => archive.writeUInt32LE(4_000_000_000, entry + 24)),
      /would unpack from \d+ to 4000000000 bytes.*zip bomb/,
    ],
    [
      "longer than it says",
      () => tampered((archive, entry) => archive.writeUInt32LE(500_000, entry + 24)),
      /export: it is damaged: full\.json in it should unpack to 500000 bytes, but unpacks to more \(at byte/,
    ],
    [
      "shorter than it says",
      () => tampered((archive, entry) => archive.writeUInt32LE(50_000_000, entry + 24)),
      /should unpack to 50000000 bytes, but unpacks to \d+ /,
    ],
    [
      "with another checksum",
      () => tampered((archive, entry) => archive.writeUInt32LE(7, entry + 16)),
      /the checksum of full\.json/,
    ],
    [
      "with damaged data",
      () => tampered((archive) => archive.fill(0xff, 39, 60)),
      /its compressed data is damaged \(Z_DATA_ERROR\)/,
    ],
  ])("%s", async (_name, make, message) => {
    const { error } = await readText(make());
    expect(error).toBeInstanceOf(ExportFileError);
    expect(error).toHaveProperty("message", expect.stringMatching(message));
  });

  test("a record without end does not fill the memory", async () => {
    const endless = `{"1":[{"ioc_value":"${"x".repeat(40_000_000)}"}]}`;
    const { error } = await readText(gzipSync(endless));
    expect(error).toHaveProperty(
      "message",
      expect.stringMatching(/one record takes more than 32000000 bytes/),
    );
  });
});

describe("a file of little but blanks or repetitions is not read to its end", () => {
  test.each<[string, () => Uint8Array | string, RegExp]>([
    [
      "blanks before everything",
      () => " \n".repeat(600_000),
      /it begins with more than 1000000 bytes of white space/,
    ],
    [
      "blanks behind a record",
      () => `{"1":[{"ioc_value":"a"}]${" ".repeat(33_000_000)}`,
      /more than 32000000 bytes/,
    ],
    [
      "blank lines below a row",
      () => head + row(1) + "\n".repeat(33_000_000),
      /more than 32000000 bytes without the end of a row/,
    ],
    [
      "comments below a row",
      () => head + row(1) + "# x\n".repeat(9_000_000),
      /more than 32000000 bytes without the end of a row/,
    ],
    [
      "a gzip bomb",
      () => gzipSync(`{${`"1":[{"ioc_value":"${"a".repeat(10_000_000)}"}],`.repeat(11)}`),
      /it unpacks to 1000\d+ bytes or more: this looks like a decompression bomb \(at byte/,
    ],
  ])("%s", async (_name, make, message) => {
    const { error } = await readText(make());
    expect(error).toBeInstanceOf(ExportFileError);
    expect(error).toHaveProperty("message", expect.stringMatching(message));
  });
});

test("whoever stops reading leaves nothing open", async () => {
  const file = writeTemporary(zipOf({ "full.json": jsonExport(2_500) }));
  for await (const page of readExportFile(file)) {
    expect(page.recordsRead).toBe(1_000);
    break;
  }
});
