import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded, describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test } from "vitest";
import { z } from "zod";
import { countDailyIocs, findNewFamilies, listIocs } from "../../src/index.js";
import { type ExportEntry, loadIocs } from "../../src/testing/load-iocs.js";

const now = new Date("2026-11-28T10:00:00Z");

function ioc(day: string, malware: string, value: string, ioc_type = "domain"): ExportEntry {
  return {
    ...{ ioc_value: value, ioc_type, malware, malware_printable: `Name of ${malware}` },
    first_seen_utc: day.includes(" ") ? day : `2026-11-${day} 00:00:00`,
  };
}

/** The ids are 1, 2, 3, … */
const entries = [
  ioc("28", "win.a", "1.example"),
  ioc("28", "win.a", "2.example"),
  ioc("27", "win.b", "http://3.example/", "url"),
  ioc("28", "win.a", "4.example"),
  ioc("26", "win.a", "5.example"),
  ioc("01", "win.b", "6.example"),
  ioc("2026-11-28 11:00:00", "win.c", "7.example"),
  ioc("27", "win.d", "8.example"),
];

describeOnServers("IOCs", (openDatabase) => {
  test("are listed page by page, newest first, each once, also those of one moment", async () => {
    const store = await openDatabase();
    await loadIocs(store, entries);
    const all = ["7", "1", "2", "4", "3", "8", "5", "6"];
    for (const limit of [1, 2, 3, 7, 8, 9]) {
      expect(await walk(store, { limit }), `${limit} at a time`).toEqual(all);
    }
    expect(await walk(store, { limit: 2, malware: "win.a" })).toEqual(["1", "2", "4", "5"]);
    expect(await walk(store, { limit: 1, type: "url" })).toEqual(["3"]);
    expect(await walk(store, { limit: 1, malware: "win.none" })).toEqual([]);
    expect(await walk(store, { limit: 1, malware: "win.b", type: "domain" })).toEqual(["6"]);
    expect(await walk(store, { limit: 2, malware: "win.a", type: "domain" })).toEqual(["1", "2", "4", "5"]);
    expect(await walk(store, { limit: 2, malware: "win.a", type: "url" })).toEqual([]);
  });

  test("are counted by day, and by family or type", async () => {
    const store = await openDatabase();
    await loadIocs(store, entries);
    // What is in the future, by the clock of this machine, does not count.
    const days = ["2026-11-26", "2026-11-27", "2026-11-28"];
    expect(await countDailyIocs(store.reader, { days: 3, by: "malware", largest: 2, now })).toEqual({
      days,
      series: [
        { key: "win.a", name: "Name of win.a", counts: [1, 0, 3] },
        { key: "win.b", name: "Name of win.b", counts: [0, 1, 0] },
      ],
      other: [0, 1, 0],
    });
    const byType = await countDailyIocs(store.reader, { days: 2, by: "type", now });
    expect(byType.series).toEqual([
      { key: "domain", name: "domain", counts: [1, 3] },
      { key: "url", name: "url", counts: [1, 0] },
    ]);
  });

  test("tell which families are new", async () => {
    const store = await openDatabase();
    await loadIocs(store, entries);
    const since = new Date("2026-11-26T00:00:00Z");
    const asked = { since, limit: 5, now };
    expect(await findNewFamilies(store.reader, asked)).toEqual([
      { malware: "win.d", name: "Name of win.d", first_seen: new Date("2026-11-27T00:00:00Z"), iocs: 1 },
      { malware: "win.a", name: "Name of win.a", first_seen: since, iocs: 4 },
    ]);
    expect(await findNewFamilies(store.reader, { ...asked, limit: 1 })).toHaveLength(1);
  });
});

const statistics = z.object({ executionStats: z.object({ totalDocsExamined: z.number() }) });

describeOnEmbedded("IOCs", (openDatabase) => {
  test("are read by an index, and no others", async () => {
    const store = await openDatabase();
    const old = Array.from({ length: 300 }, (_, index) => ioc("01", "win.old", `old${index}.example`));
    await loadIocs(store, [...entries, ...old]);
    const examine = async (ask: (reader: Store["reader"]) => Promise<unknown>) => {
      let examined = 0;
      await ask({
        ...store.reader,
        async *find(name, filter, { sort = {}, limit = 0, ...options } = {}) {
          const cursor = store.database.collection(name).find(filter, options).sort(sort).limit(limit);
          const { executionStats } = statistics.parse(await cursor.explain("executionStats"));
          examined += executionStats.totalDocsExamined;
          yield* store.reader.find(name, filter, { sort, ...options, ...(limit > 0 && { limit }) });
        },
      });
      return examined;
    };
    expect(await examine((reader) => listIocs(reader, { limit: 2, now }))).toBeLessThan(10);
    expect(await examine((reader) => listIocs(reader, { limit: 2, type: "url", now }))).toBeLessThan(10);
    expect(await examine((reader) => listIocs(reader, { limit: 2, malware: "win.b", now }))).toBeLessThan(10);
    expect(await examine((reader) => countDailyIocs(reader, { days: 3, by: "type", now }))).toBe(6);
  });
});

/** The ids of all pages. */
async function walk(
  { reader }: Store,
  options: { readonly limit: number; readonly malware?: string; readonly type?: string },
): Promise<readonly string[]> {
  const ids: string[] = [];
  let page = await listIocs(reader, { ...options, now });
  for (;;) {
    expect(page.iocs.length).toBeLessThanOrEqual(options.limit);
    ids.push(...page.iocs.map(({ id }) => id));
    if (page.next === undefined) {
      return ids;
    }
    page = await listIocs(reader, { ...options, now, before: page.next });
  }
}
