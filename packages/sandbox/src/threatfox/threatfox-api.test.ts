import { describe, expect, test } from "vitest";
import { z } from "zod";
import { askThreatfox, openSandbox, writeFiles } from "../testing/sandbox.js";

const listSchema = z.array(z.looseObject({ id: z.string(), ioc: z.string() }));

/** Four records over eight days of 2022, newest first. */
const records = [
  record("4", "203.0.113.4:443", "2022-08-05 11:40:15 UTC", { tags: ["CobaltStrike"] }),
  record("3", "203.0.113.3:80", "2022-08-04 11:40:15 UTC", {
    malware: "elf.mirai",
    malware_printable: "Mirai",
  }),
  record("2", "0123456789abcdef0123456789abcdef", "2022-07-29 11:40:15 UTC", { ioc_type: "md5_hash" }),
  record("1", "old.example.com", "2022-07-28 11:40:15 UTC", {
    ioc_type: "domain",
    tags: ["cobaltstrike", "x"],
  }),
];

function record(id: string, ioc: string, first_seen: string, rest: object) {
  return {
    id,
    ioc,
    ioc_type: "ip:port",
    threat_type: "botnet_cc",
    malware: "win.cobalt_strike",
    malware_printable: "Cobalt Strike",
    malware_alias: "BEACON",
    first_seen,
    last_seen: null,
    tags: null,
    a_new_field: { kept: true },
    ...rest,
  };
}

async function openRecords(content: unknown = records) {
  const [threatfoxFile = ""] = await writeFiles({ "iocs.json": content });
  return openSandbox({ threatfoxFile });
}

async function ids(request: unknown): Promise<readonly string[]> {
  const { query_status, data } = await askThreatfox(await openRecords(), request);
  expect(query_status).toBe("ok");
  return listSchema.parse(data).map(({ id }) => id);
}

describe("the Auth-Key", () => {
  test("is required: 401", async () => {
    const answer = await askThreatfox(await openRecords(), { query: "types" }, {});
    expect(answer).toMatchObject({ status: 401, query_status: "auth_key_required" });
  });

  test("must be the one of this sandbox: 403", async () => {
    const answer = await askThreatfox(await openRecords(), { query: "types" }, { "Auth-Key": "wrong" });
    expect(answer).toMatchObject({ status: 403, query_status: "unknown_auth_key" });
  });
});

describe("get_iocs", () => {
  test("counts days back from the newest record of a file, three of them unless told", async () => {
    expect(await ids({ query: "get_iocs" })).toEqual(["4", "3"]);
    expect(await ids({ query: "get_iocs", days: 1 })).toEqual(["4", "3"]);
    expect(await ids({ query: "get_iocs", days: 6 })).toEqual(["4", "3"]);
    expect(await ids({ query: "get_iocs", days: 7 })).toEqual(["4", "3", "2"]);
    expect(await ids({ query: "get_iocs", days: "7" })).toEqual(["4", "3", "2"]);
  });

  test("passes records on as they are", async () => {
    const { data } = await askThreatfox(await openRecords(), { query: "get_iocs", days: 1 });
    expect(data).toEqual(records.slice(0, 2));
  });

  test("reads a whole get_iocs answer too", async () => {
    const sandbox = await openRecords({ query_status: "ok", data: records });
    expect((await askThreatfox(sandbox, { query: "get_iocs", days: 1 })).data).toEqual(records.slice(0, 2));
  });

  test.each([0, 8, -1, 1.5, "week", null])("refuses %j days, with status 200", async (days) => {
    const answer = await askThreatfox(await openRecords(), { query: "get_iocs", days });
    expect(answer).toMatchObject({ status: 200, query_status: "illegal_days", data: expect.any(String) });
  });

  test("says no_result, with a sentence for data, where there is nothing", async () => {
    const answer = await askThreatfox(await openRecords([]), { query: "get_iocs" });
    expect(answer).toMatchObject({ status: 200, query_status: "no_result", data: expect.any(String) });
  });
});

describe("a query that is none", () => {
  test.each(["", "no json", "[]", "{}", '{"query":"drop"}', '{"query":7}'])("%s", async (body) => {
    const answer = await askThreatfox(await openRecords(), body);
    expect(answer).toMatchObject({ status: 200, query_status: "illegal_query" });
  });

  test("is 404 on another path or method", async () => {
    const sandbox = await openRecords();
    expect((await fetch(sandbox.threatfoxUrl)).status).toBe(404);
    expect((await fetch(new URL("/export/", sandbox.threatfoxUrl), { method: "POST" })).status).toBe(404);
  });
});

describe("ioc", () => {
  test("is one record with comment, credits and samples", async () => {
    const { data } = await askThreatfox(await openRecords(), { query: "ioc", id: 3 });
    expect(data).toEqual({ ...records[1], comment: null, credits: [], malware_samples: [] });
  });

  test("is no_result for an unknown id, and an error for none", async () => {
    const sandbox = await openRecords();
    expect((await askThreatfox(sandbox, { query: "ioc", id: "99" })).query_status).toBe("no_result");
    expect((await askThreatfox(sandbox, { query: "ioc" })).query_status).toBe("illegal_id");
  });
});

describe("searches", () => {
  test.each([
    [{ query: "search_ioc", search_term: "203.0.113" }, ["4", "3"]],
    [{ query: "search_ioc", search_term: "old.example.com", exact_match: true }, ["1"]],
    [{ query: "search_hash", hash: "0123456789ABCDEF0123456789ABCDEF" }, ["2"]],
    [{ query: "taginfo", tag: "COBALTSTRIKE" }, ["4", "1"]],
    [{ query: "taginfo", tag: "cobaltstrike", limit: 1 }, ["4"]],
    [{ query: "malwareinfo", malware: "Cobalt Strike" }, ["4", "2", "1"]],
    [{ query: "malwareinfo", malware: "elf.mirai" }, ["3"]],
  ])("%j", async (request, expected) => {
    expect(await ids(request)).toEqual(expected);
  });

  test.each([
    [{ query: "search_ioc", search_term: "203.0.113", exact_match: true }, "no_result"],
    [{ query: "search_ioc" }, "illegal_search_term"],
    [{ query: "search_hash", hash: "xyz" }, "illegal_hash"],
    [{ query: "search_hash", hash: "f".repeat(64) }, "no_result"],
    [{ query: "taginfo", tag: "none" }, "no_result"],
    [{ query: "taginfo" }, "illegal_tag"],
    [{ query: "taginfo", tag: "x", limit: 1001 }, "illegal_limit"],
    [{ query: "malwareinfo" }, "illegal_malware"],
    [{ query: "malwareinfo", malware: "x", limit: 0 }, "illegal_limit"],
    [{ query: "get_label", malware: "mirai", platform: "win" }, "no_result"],
    [{ query: "get_label" }, "illegal_malware"],
  ])("%j is %s", async (request, query_status) => {
    expect(await askThreatfox(await openRecords(), request)).toMatchObject({ status: 200, query_status });
  });
});

describe("labels", () => {
  test("are found by a part of their name", async () => {
    const sandbox = await openRecords();
    const label = {
      malware: "win.cobalt_strike",
      malware_printable: "Cobalt Strike",
      malware_alias: "BEACON",
    };
    for (const request of [{ malware: "strike" }, { malware: "Cobalt S", platform: "win" }]) {
      expect((await askThreatfox(sandbox, { query: "get_label", ...request })).data).toEqual([label]);
    }
  });

  test("are listed by key, types by number, tags by name", async () => {
    const sandbox = await openRecords();
    const data = async (query: string) => (await askThreatfox(sandbox, { query })).data;
    expect(await data("malware_list")).toEqual({
      "win.cobalt_strike": { malware_printable: "Cobalt Strike", malware_alias: "BEACON" },
      "elf.mirai": { malware_printable: "Mirai", malware_alias: "BEACON" },
    });
    expect(await data("types")).toEqual({
      1: { ioc_type: "ip:port", fk_threat_type: "botnet_cc", description: null },
      2: { ioc_type: "md5_hash", fk_threat_type: "botnet_cc", description: null },
      3: { ioc_type: "domain", fk_threat_type: "botnet_cc", description: null },
    });
    expect(await data("tag_list")).toMatchObject({
      CobaltStrike: { first_seen: records[0]?.first_seen, last_seen: records[0]?.first_seen },
      x: { first_seen: records[3]?.first_seen },
    });
  });
});
