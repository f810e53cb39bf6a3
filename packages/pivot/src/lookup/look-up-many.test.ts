import { EventEmitter, on } from "node:events";
import type { StoreReader } from "@cti-connectors/core";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, onTestFinished, test, vi } from "vitest";
import { loadExample } from "../testing/load-example.js";
import { inOrder, shortenAnswer } from "../testing/shorten-answer.js";
import { lookUp } from "./look-up.js";
import { type LookUpManyOptions, lookUpMany, type ShortAnswer } from "./look-up-many.js";

/** Of each kind, known and unknown, in other spellings, and one twice. */
const terms = [
  "203[.]0[.]113[.]5",
  "203.0.113.5:8080",
  "203.0.113.0/24",
  "198.51.100.0/24",
  "2001:DB8:0:0::1",
  "",
  "# a comment",
  "C2[.]example",
  "www.c2.example",
  "hxxp://www.c2.example/a",
  "http://c2.example/unknown",
  "http://nosuch.example/",
  "A".repeat(32),
  "b".repeat(64),
  "m@c2.example",
  "win.example_beacon",
  "win.other",
  "win.nosuch",
  "example beacon",
  "ExBeacon",
  "S9001",
  "s9999",
  "Example Bear",
  "t9001",
  "CVE-2021-44228",
  "ThreatFox 3",
  "https://threatfox.abuse.ch/ioc/99999/",
  "CVE-2021-00000",
  "example-tag",
  "nosuch",
  "C2[.]example",
];

const now = new Date("2026-12-01");

async function answer(
  store: StoreReader,
  all: Iterable<string>,
  options: LookUpManyOptions = {},
): Promise<readonly ShortAnswer[]> {
  const answers: ShortAnswer[] = [];
  for await (const short of lookUpMany({ store }, all, { now, ...options })) {
    answers.push(inOrder(short));
  }
  return answers;
}

const vulnerability = {
  _id: "CVE-2021-44228",
  removed_at: null,
  data: { shortDescription: "A library." },
  enriched: { added_at: new Date("2021-12-10"), ransomware: true },
};

describeOnServers("lookUpMany", (openDatabase) => {
  test("answers as lookUp does, in the order of the terms", async () => {
    const store = await openDatabase();
    await loadExample(store);
    await store.database.collection<{ _id: string }>("kev").insertOne(vulnerability);
    const answers = await answer(store.reader, terms, { subdomains: true });
    expect(answers.map(({ term }) => term)).toEqual(terms);
    for (const short of answers) {
      expect(short, short.term).toEqual(
        shortenAnswer(await lookUp({ store: store.reader }, short.term, { now })),
      );
    }
    expect(answers.filter(({ found }) => !found).map(({ term }) => term)).toEqual([
      "198.51.100.0/24",
      "",
      "# a comment",
      "http://nosuch.example/",
      "b".repeat(64),
      "win.nosuch",
      "s9999",
      "https://threatfox.abuse.ch/ioc/99999/",
      "CVE-2021-00000",
      "nosuch",
    ]);
  });

  test("takes a domain as this very host, unless asked for what is below it", async () => {
    const store = await openDatabase();
    await loadExample(store);
    const totals = async (options: LookUpManyOptions) =>
      (await answer(store.reader, ["c2.example", "www.c2.example"], options)).map(({ iocs }) => iocs.total);
    expect(await totals({})).toEqual([1, 1]);
    expect(await totals({ subdomains: true })).toEqual([2, 1]);
  });

  test("answers what has come while its source waits, and learns what is stored meanwhile", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const store = await openDatabase();
    const asked = new EventEmitter();
    async function* terms() {
      for await (const [term] of on(asked, "term")) {
        yield String(term);
      }
    }
    const answers = lookUpMany({ store: store.reader }, terms());
    const ask = async () => {
      const answer = answers.next();
      asked.emit("term", "CVE-2021-44228");
      return (await answer).value?.found;
    };
    expect(await ask()).toBe(false);
    await store.database.collection<{ _id: string }>("kev").insertOne(vulnerability);
    expect(await ask()).toBe(false);
    vi.setSystemTime(Date.now() + 60_000);
    expect(await ask()).toBe(true);
  });

  test("asks a question once for hundreds of terms, and for none that it has just answered", async () => {
    const store = await openDatabase();
    await loadExample(store);
    let finds = 0;
    const reader: StoreReader = {
      ...store.reader,
      find: (...args) => {
        finds += 1;
        return store.reader.find(...args);
      },
    };
    const hosts = (from: number) => Array.from({ length: 200 }, (_, index) => `h${from + index}.example`);
    await answer(reader, hosts(0));
    const once = finds;
    expect(once).toBeLessThan(10);
    finds = 0;
    // 300 terms that differ: two questions of each kind.
    const many = await answer(reader, [...hosts(0), ...hosts(100), ...hosts(0), ...hosts(0)]);
    expect(finds).toBe(2 * once);
    expect(many.map(({ term }) => term)).toEqual([...hosts(0), ...hosts(100), ...hosts(0), ...hosts(0)]);
  });
});
