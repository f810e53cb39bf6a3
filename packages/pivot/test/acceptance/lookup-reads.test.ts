import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded, describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { lookUp, lookUpMany, type ShortAnswer } from "../../src/index.js";
import { type ExportEntry, loadIocs } from "../../src/testing/load-iocs.js";

const start = Date.UTC(2026, 0, 1);

/** 1,100 on one host, of one family and with one tag, and ten of another. The newest come first. */
const iocs: readonly ExportEntry[] = Array.from({ length: 1_110 }, (_, index) => ({
  ioc_type: "url",
  ioc_value: `http://${index < 1_100 ? "many" : "few"}.example/${index}`,
  malware: index < 1_100 ? "win.many" : "win.few",
  malware_printable: index < 1_100 ? "Many" : "Few",
  first_seen_utc: new Date(start - index * 60_000).toISOString().slice(0, 19).replace("T", " "),
  tags: index < 1_100 ? "many-tag,all" : "few-tag,all",
}));

async function load(store: Store): Promise<void> {
  await loadIocs(store, iocs);
}

async function answerMany(store: Store, terms: readonly string[], subdomains = false) {
  const answers: ShortAnswer[] = [];
  for await (const answer of lookUpMany({ store: store.reader }, terms, { subdomains })) {
    answers.push(answer);
  }
  return answers;
}

const statistics = z.object({ executionStats: z.object({ totalDocsExamined: z.number() }) });
const explained = z
  .union([statistics, z.object({ stages: z.tuple([z.object({ $cursor: statistics })], z.unknown()) })])
  .transform((plan) => ("stages" in plan ? plan.stages[0].$cursor : plan).executionStats.totalDocsExamined);
const reads = z.union([
  z.object({
    find: z.string(),
    filter: z.unknown(),
    sort: z.unknown().optional(),
    limit: z.unknown().optional(),
  }),
  z.object({ aggregate: z.string(), pipeline: z.unknown(), cursor: z.unknown() }),
]);

/** How many IOCs the server looks at. */
async function countExamined({ database }: Store, ask: () => Promise<unknown>): Promise<number> {
  const commands: z.output<typeof reads>[] = [];
  const started = ({ command }: { readonly command: unknown }) => {
    const { success, data } = reads.safeParse(command);
    if (success && Object.values(data).includes("threatfox_raw")) {
      commands.push(data);
    }
  };
  database.client.on("commandStarted", started);
  onTestFinished(() => {
    database.client.off("commandStarted", started);
  });
  await ask();
  database.client.off("commandStarted", started);
  let examined = 0;
  for (const command of commands) {
    examined += explained.parse(await database.command({ explain: command, verbosity: "executionStats" }));
  }
  return examined;
}

const newest = "http://many.example/0";

describeOnServers("a lookup of what has very many IOCs", (openDatabase) => {
  test("counts up to a limit, and finds the newest", async () => {
    const store = await openDatabase();
    await load(store);
    const terms = ["http://many.example/none", "many.example", "win.many", "many tag", "all"];
    for (const answer of await answerMany(store, [...terms, "few.example"], true)) {
      const { iocs: whole } = await lookUp({ store: store.reader }, answer.term, { limit: 3 });
      const {
        total,
        total_is_exact,
        newest: [first],
      } = whole;
      expect({ total, total_is_exact }, answer.term).toEqual(
        answer.term === "few.example"
          ? { total: 10, total_is_exact: true }
          : { total: 1_000, total_is_exact: false },
      );
      expect(answer.iocs, answer.term).toMatchObject({
        ...{ total, total_is_exact },
        newest: { value: first?.value },
      });
      expect(whole.newest.map(({ value }) => value)).toEqual(
        answer.term === "few.example"
          ? [1_100, 1_101, 1_102].map((index) => `http://few.example/${index}`)
          : [newest, "http://many.example/1", "http://many.example/2"],
      );
    }
    const { iocs: all } = await lookUp({ store: store.reader }, "win.many", { limit: 2_000 });
    expect(all).toMatchObject({ total: 1_100, total_is_exact: true });
  });
});

describeOnEmbedded("a lookup of what has very many IOCs", (openDatabase) => {
  test("reads no more of them than it counts and shows", async () => {
    const store = await openDatabase();
    await load(store);
    const place = { store: store.reader };
    const examined: Record<string, number> = {};
    for (const term of ["win.many", "many tag", "win.few", "few.example"]) {
      examined[term] = await countExamined(store, () => lookUp(place, term, { limit: 5 }));
    }
    expect(examined).toEqual({
      // A hundred to see that there are any, and 20 for their families and to show. A host is read for its families, and read to show 5. Keys are counted.
      "win.many": 120,
      "many tag": 120,
      "win.few": 20,
      "few.example": 15,
    });
    expect(await countExamined(store, () => lookUp(place, "few.example", { limit: 0 }))).toBe(10);
    // The newest, by an index that has their order.
    expect(await countExamined(store, () => lookUp(place, "many.example"))).toBeLessThan(150);
    const hosts = Array.from({ length: 40 }, (_, index) => `h${index}.example`);
    expect(await countExamined(store, () => answerMany(store, ["win.many", "all", ...hosts]))).toBe(240);
    // Six times half of the hosts, until it is known which one has so many.
    expect(await countExamined(store, () => answerMany(store, ["many.example", ...hosts]))).toBe(6_026);
  });
});
