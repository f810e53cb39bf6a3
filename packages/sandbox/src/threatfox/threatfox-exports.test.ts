import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Entry, fromBuffer, type Options, type ZipFile } from "yauzl";
import type { Sandbox } from "../start-sandbox.js";
import { askThreatfox, openSandbox } from "../testing/sandbox.js";
import type { ThreatfoxRecord } from "./threatfox-record.js";

const noon = "2026-06-30 12:00:00 UTC";
const records = [
  record("30", "2026-06-30 11:00:00 UTC", {
    ioc: "203.0.113.4:443",
    tags: ["CobaltStrike", "日本語"],
    last_seen: "2026-06-30 11:30:00 UTC",
    is_compromised: true,
    reporter: "anonymous",
  }),
  record("29", "2026-06-29 11:00:00 UTC", { ioc: 'http://a.example/?q="a", "b"', ioc_type: "url" }),
  record("2", "2026-06-27 11:00:00 UTC", {
    malware_alias: "BEACON,Agentemis",
    reference: "https://r.example/",
  }),
  record("1", "2025-12-29 11:00:00 UTC", {}),
];

function record(id: string, first_seen: string, rest: object): ThreatfoxRecord {
  return {
    id,
    ioc: `${id}.example.com`,
    ioc_type: "domain",
    ioc_type_desc: "Domain that is used for botnet Command&control (C&C)",
    threat_type: "botnet_cc",
    malware: "win.cobalt_strike",
    malware_printable: "Cobalt Strike",
    malware_alias: null,
    confidence_level: 75,
    first_seen,
    last_seen: null,
    reference: null,
    reporter: "abuse_ch",
    tags: null,
    ...rest,
  };
}

function date(text: string): Date {
  return new Date(text.replace(" UTC", "Z").replace(" ", "T"));
}

function openRecords(threatfoxRecords: readonly ThreatfoxRecord[] = records): Promise<Sandbox> {
  return openSandbox({ threatfoxRecords, now: () => date(noon) });
}

function get(sandbox: Sandbox, path: string, headers: Readonly<Record<string, string>> = {}) {
  return fetch(new URL(path, sandbox.threatfoxUrl), { headers });
}

/** The only file of an archive, read by another library than the one that writes it. */
async function unzip(bytes: Buffer): Promise<{ readonly name: string; readonly text: string }> {
  const zip = await promisify<Buffer, Options, ZipFile>(fromBuffer)(bytes, { lazyEntries: true });
  expect(zip.entryCount).toBe(1);
  const entry = new Promise<Entry>((resolve) => zip.once("entry", resolve));
  zip.readEntry();
  const { fileName } = await entry;
  const content = await promisify(zip.openReadStream.bind(zip, await entry))();
  return { name: fileName, text: await text(content) };
}

const newest = {
  ioc_value: "203.0.113.4:443",
  ioc_type: "domain",
  threat_type: "botnet_cc",
  malware: "win.cobalt_strike",
  malware_alias: null,
  malware_printable: "Cobalt Strike",
  first_seen_utc: "2026-06-30 11:00:00",
  last_seen_utc: "2026-06-30 11:30:00",
  confidence_level: 75,
  is_compromised: true,
  reference: null,
  tags: "CobaltStrike,日本語",
  anonymous: "1",
  reporter: "anonymous",
};

describe("the JSON exports", () => {
  test("hold 48 hours, as an object of lists by id with names of their own, newest first", async () => {
    const response = await get(await openRecords(), "/export/json/recent/");
    expect(response.headers.get("content-type")).toBe("application/json");
    const body = await response.text();
    const json: unknown = JSON.parse(body);
    expect(json).toEqual({
      30: [newest],
      29: [expect.objectContaining({ ioc_value: 'http://a.example/?q="a", "b"', tags: null })],
    });
    expect(body.indexOf('"30"')).toBeLessThan(body.indexOf('"29"'));
  });

  test("hold what was seen again in the 48 hours, however long ago it was first seen", async () => {
    let now = noon;
    const again = { last_seen: "2026-06-30 08:00:00 UTC" };
    const sandbox = await openSandbox({
      threatfoxRecords: [
        record("3", "2021-09-01 00:00:00 UTC", again),
        record("2", "2026-06-28 11:59:59 UTC", {}),
        record("1", "2026-06-01 00:00:00 UTC", { last_seen: "2026-06-28 11:59:59 UTC" }),
      ],
      now: () => date(now),
    });
    const recent = async () => Object.keys(Object(await (await get(sandbox, "/export/json/recent/")).json()));
    expect(await recent()).toEqual(["3"]);
    now = "2026-07-02 08:00:00 UTC";
    expect(await recent()).toEqual(["3"]);
    now = "2026-07-02 08:00:01 UTC";
    expect(await recent()).toEqual([]);
    // What is seen again stays public: nobody has forgotten it.
    expect((await askThreatfox(sandbox, { query: "ioc", id: "3" })).query_status).toBe("ok");
    now = "2026-12-30 08:00:00 UTC";
    expect((await askThreatfox(sandbox, { query: "ioc", id: "3" })).query_status).toBe("no_result");
  });

  test("of the 48 hours are not sent again while they are the same", async () => {
    const sandbox = await openRecords();
    const etag = (await get(sandbox, "/export/json/recent/")).headers.get("etag") ?? "";
    const again = () => get(sandbox, "/export/json/recent/", { "if-none-match": etag });
    expect((await again()).status).toBe(304);
    sandbox.publish([record("2", "2026-06-27 11:00:00 UTC", { last_seen: "2026-06-30 11:59:00 UTC" })]);
    expect((await again()).status).toBe(200);
  });

  test("hold everything of six months in full, zipped as full.json", async () => {
    const sandbox = await openRecords();
    const response = await fetch(sandbox.threatfoxExportUrl);
    expect(response.headers.get("content-type")).toBe("application/zip");
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get("content-length")).toBe(String(bytes.length));
    const file = await unzip(bytes);
    expect(file.name).toBe("full.json");
    const json: unknown = JSON.parse(file.text);
    expect(json).toMatchObject({ 30: [newest], 29: [{}], 2: [{ reference: "https://r.example/" }] });
    expect(json).not.toHaveProperty("1");
  });

  test("are an empty object where nothing is public", async () => {
    const response = await get(await openRecords([]), "/export/json/recent/");
    expect(await response.json()).toEqual({});
  });
});

describe("the CSV exports", () => {
  test("have comment lines, quoted fields and None where there is nothing", async () => {
    const response = await get(await openRecords(), "/export/csv/recent/");
    const lines = (await response.text()).split("\r\n");
    expect(lines).toEqual([
      "#".repeat(64),
      "# ThreatFox IOCs: recent additions - CSV format                #",
      "# Last updated: 2026-06-30 11:00:00 UTC                        #",
      "#                                                              #",
      "# Terms Of Use: https://threatfox.abuse.ch/faq/#tos            #",
      "# For questions please contact threatfox [at] abuse.ch         #",
      "#".repeat(64),
      "#",
      '# "first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type","fk_malware","malware_alias","malware_printable","last_seen_utc","confidence_level","is_compromised","reference","tags","anonymous","reporter"',
      '"2026-06-30 11:00:00", "30", "203.0.113.4:443", "domain", "botnet_cc", "win.cobalt_strike", "None", "Cobalt Strike", "2026-06-30 11:30:00", "75", "True", "None", "CobaltStrike,日本語", "1", "anonymous"',
      '"2026-06-29 11:00:00", "29", "http://a.example/?q=""a"", ""b""", "url", "botnet_cc", "win.cobalt_strike", "None", "Cobalt Strike", "", "75", "False", "None", "None", "0", "abuse_ch"',
      "# Number of entries: 2",
      "",
    ]);
  });

  test("come in full as a zip that holds full.csv", async () => {
    const response = await get(await openRecords(), "/export/csv/full/");
    const file = await unzip(Buffer.from(await response.arrayBuffer()));
    expect(file.name).toBe("full.csv");
    expect(file.text).toContain("additions - CSV format (full dump)");
    expect(file.text).toContain("# Number of entries: 3");
  });
});

describe("an export with a key in its address", () => {
  test.each([
    ["full.json.zip", "json/full"],
    ["full.csv.zip", "csv/full"],
    ["recent.json", "json/recent"],
    ["recent.csv", "csv/recent"],
  ])("%s is the one without", async (name, open) => {
    const sandbox = await openRecords();
    const expected = await (await get(sandbox, `/export/${open}/`)).text();
    for (const path of [
      `/files/exports/${name}?auth-key=${sandbox.authKey}`,
      `/v2/files/exports/${sandbox.authKey}/${name}`,
    ]) {
      const response = await get(sandbox, path);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(expected);
    }
  });

  test.each([
    ["/files/exports/full.json.zip", 401, { error: "Unauthorized" }],
    ["/files/exports/recent.csv?auth-key=", 401, { error: "Unauthorized" }],
    ["/files/exports/recent.csv?auth-key=wrong", 403, { query_status: "unknown_auth_key" }],
    ["/v2/files/exports/wrong/recent.csv", 403, { query_status: "unknown_auth_key" }],
  ])("%s is refused with %d", async (path, status, body) => {
    const response = await get(await openRecords(), path);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(body);
  });

  test("is 404 for a file that there is not", async () => {
    const sandbox = await openRecords();
    expect((await get(sandbox, `/files/exports/full.json?auth-key=${sandbox.authKey}`)).status).toBe(404);
  });
});

describe("a download", () => {
  const path = "/export/json/full/";

  test("goes on where it stopped, while the file is the same", async () => {
    const sandbox = await openRecords();
    const whole = await get(sandbox, path);
    const bytes = Buffer.from(await whole.arrayBuffer());
    const etag = whole.headers.get("etag") ?? "";
    const date = whole.headers.get("last-modified") ?? "";
    expect(whole.headers.get("accept-ranges")).toBe("bytes");
    for (const condition of [{ "if-range": etag }, { "if-range": date }, {}]) {
      const rest = await get(sandbox, path, { range: "bytes=100-", ...condition });
      expect(rest.status).toBe(206);
      expect(rest.headers.get("content-range")).toBe(`bytes 100-${bytes.length - 1}/${bytes.length}`);
      expect(Buffer.from(await rest.arrayBuffer()).equals(bytes.subarray(100))).toBe(true);
    }
    const middle = await get(sandbox, path, { range: "bytes=5-9" });
    expect(Buffer.from(await middle.arrayBuffer()).equals(bytes.subarray(5, 10))).toBe(true);
    expect(middle.headers.get("content-length")).toBe("5");
  });

  test("starts anew where the file is another", async () => {
    const sandbox = await openRecords();
    const etag = (await get(sandbox, path)).headers.get("etag") ?? "";
    sandbox.publish([record("31", "2026-06-30 11:59:00 UTC", {})]);
    const anew = await get(sandbox, path, { range: "bytes=100-", "if-range": etag });
    expect(anew.status).toBe(200);
    expect(anew.headers.get("etag")).not.toBe(etag);
    const file = await unzip(Buffer.from(await anew.arrayBuffer()));
    expect(JSON.parse(file.text)).toHaveProperty("31");
  });

  test("is refused behind the end, and sent whole for several parts", async () => {
    const sandbox = await openRecords();
    const outside = await get(sandbox, path, { range: "bytes=1000000-" });
    expect(outside.status).toBe(416);
    expect(outside.headers.get("content-range")).toMatch(/^bytes \*\/\d+$/);
    expect((await get(sandbox, path, { range: "bytes=0-1,4-5" })).status).toBe(200);
    expect((await get(sandbox, path, { range: "lines=0-1" })).status).toBe(200);
  });

  test("is not needed while nothing changed", async () => {
    const sandbox = await openRecords();
    const first = await get(sandbox, path);
    const etag = first.headers.get("etag") ?? "";
    const unchanged = await get(sandbox, path, { "if-none-match": etag });
    expect(unchanged.status).toBe(304);
    expect(await unchanged.text()).toBe("");
    const since = { "if-modified-since": first.headers.get("last-modified") ?? "" };
    expect((await get(sandbox, path, since)).status).toBe(304);
    sandbox.publish([record("30", "2026-06-30 11:00:00 UTC", { confidence_level: 100 })]);
    expect((await get(sandbox, path, { "if-none-match": etag })).status).toBe(200);
  });

  test("can be cut in the middle, and then resumed", async () => {
    const sandbox = await openRecords();
    sandbox.addFault({ upstream: "threatfox", path: "/export/", answer: { kind: "truncate" } });
    const cut = await get(sandbox, path);
    await expect(cut.arrayBuffer()).rejects.toThrow("terminated");
    const etag = cut.headers.get("etag") ?? "";
    const rest = await get(sandbox, path, { range: "bytes=10-", "if-range": etag });
    expect(rest.status).toBe(206);
  });
});

describe("a feed with a clock", () => {
  test("shows a record from when it is first seen, for six months, in the API and in the exports", async () => {
    let now = "2026-01-01 00:00:00 UTC";
    const sandbox = await openSandbox({
      threatfoxRecords: [record("1", "2026-01-02 00:00:00 UTC", {})],
      now: () => date(now),
    });
    const seen = async () => ({
      api: (await askThreatfox(sandbox, { query: "ioc", id: "1" })).query_status,
      days: (await askThreatfox(sandbox, { query: "get_iocs", days: 1 })).query_status,
      recent: Object.keys(Object(await (await get(sandbox, "/export/json/recent/")).json())),
      full: (await (await get(sandbox, "/export/csv/full/")).arrayBuffer()).byteLength,
    });
    const before = await seen();
    expect(before).toMatchObject({ api: "no_result", days: "no_result", recent: [] });
    now = "2026-01-02 00:00:00 UTC";
    const fresh = await seen();
    expect(fresh).toMatchObject({ api: "ok", days: "ok", recent: ["1"] });
    expect(fresh.full).toBeGreaterThan(before.full);
    now = "2026-01-05 00:00:00 UTC";
    expect(await seen()).toEqual({ api: "ok", days: "no_result", recent: [], full: fresh.full });
    now = "2026-07-01 23:59:59 UTC";
    expect(await seen()).toMatchObject({ api: "ok", full: fresh.full });
    now = "2026-07-02 00:00:00 UTC";
    expect(await seen()).toEqual(before);
  });

  test("takes records while it is served: new ones in front, others in the place of what they were", async () => {
    const sandbox = await openRecords();
    const [first, second] = records;
    const changed = { ...second, confidence_level: 100 };
    sandbox.publish([
      record("31", "2026-06-30 11:59:00 UTC", {}),
      record("29", "2026-06-29 11:00:00 UTC", changed),
    ]);
    const { data } = await askThreatfox(sandbox, { query: "get_iocs", days: 2 });
    expect(data).toEqual([record("31", "2026-06-30 11:59:00 UTC", {}), first, changed]);
  });
});
