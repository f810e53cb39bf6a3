import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test } from "vitest";
import { loadExample } from "../testing/load-example.js";
import { type LookupAnswer, lookUp } from "./look-up.js";

const found = ({ iocs: { newest }, families, attack }: LookupAnswer) => ({
  iocs: newest.map(({ value }) => value),
  families: families.map(({ malware }) => malware),
  attack: attack.map(({ object }) => object.attack_id),
});

const both = { families: ["win.example_beacon"], attack: ["S9001"] };
const newestFirst = [
  "a".repeat(32),
  "http://www.c2.example/a",
  "c2.example",
  "[2001:db8::1]:443",
  "203.0.113.5:443",
];

describeOnServers("lookUp", (openDatabase) => {
  test("answers what a term is, however it is written", async () => {
    const store = await openDatabase();
    await loadExample(store);
    const look = async (term: string) => lookUp({ store: store.reader }, term);

    for (const [term, values] of [
      ["203[.]0[.]113[.]5", ["203.0.113.5:443"]],
      ["203.0.113.5:8080", ["203.0.113.5:443"]],
      ["203.0.113.0/24", ["203.0.113.5:443"]],
      ["2001:DB8:0:0::1", ["[2001:db8::1]:443"]],
      ["2001:db8::/32", ["[2001:db8::1]:443"]],
      ["C2[.]example", ["http://www.c2.example/a", "c2.example"]],
      ["hxxp://www.c2.example/a", ["http://www.c2.example/a"]],
      ["http://c2.example/unknown", ["http://www.c2.example/a", "c2.example"]],
      ["A".repeat(32), ["a".repeat(32)]],
      ["ThreatFox 3", ["c2.example"]],
      ["https://threatfox.abuse.ch/ioc/3/", ["c2.example"]],
    ] as const) {
      expect(found(await look(term)), term).toEqual({ iocs: values, ...both });
    }
    const pages = [
      "https://attack.mitre.org/software/S9001/",
      "threatfox.abuse.ch/browse/malware/win.example_beacon",
    ];
    for (const term of ["win.example_beacon", "example beacon", "S9001", "exbeacon", ...pages]) {
      const answer = await look(term);
      expect(found(answer), term).toEqual({ iocs: newestFirst, ...both });
      expect(answer.attack[0], term).toMatchObject({
        techniques: [{ attack_id: "T9001", descriptions: ["In short."] }],
        groups: [{ attack_id: "G9001" }],
        mitigations: [{ attack_id: "M9001", relations: 1 }],
      });
    }
    expect((await look("example-tag")).iocs.total).toBe(6);
  });

  test("leads from a group and a technique back to the malware, without its IOCs", async () => {
    const store = await openDatabase();
    await loadExample(store);
    for (const [term, attackId] of [
      ["Example Bear", "G9001"],
      ["t9001", "T9001"],
    ] as const) {
      const answer = await lookUp({ store: store.reader }, term);
      expect(found(answer)).toEqual({ iocs: [], families: ["win.example_beacon"], attack: [attackId] });
      expect(answer.attack[0]?.software).toEqual([expect.objectContaining({ attack_id: "S9001" })]);
    }
  });

  test("says which IOCs have expired, and counts those that it leaves out", async () => {
    const store = await openDatabase();
    await loadExample(store);
    const options = { limit: 2, now: new Date("2026-12-01") };
    const { iocs: all } = await lookUp({ store: store.reader }, "win.example_beacon", options);
    expect(all).toMatchObject({ total: 5, newest: [{ expired: false }, { expired: false }] });
    const old = await lookUp({ store: store.reader }, "other.example", options);
    expect(old.iocs.newest).toEqual([expect.objectContaining({ expired: true, reporter: "somebody" })]);
    expect(old.families).toEqual([
      { malware: "win.other", name: "Other", aliases: [], state: "unlinked", links: [] },
    ]);
  });

  test("shows what is left of an IOC that somebody has damaged", async () => {
    const store = await openDatabase();
    await loadExample(store);
    await store.database
      .collection("threatfox_raw")
      .updateOne(
        { "enriched.indicator.value": "other.example" },
        { $set: { "enriched.confidence": "high", "enriched.tags": null, "enriched.reporter": 42 } },
      );
    const { iocs: damaged } = await lookUp({ store: store.reader }, "other.example");
    expect(damaged.newest).toEqual([
      expect.objectContaining({ value: "other.example", confidence: null, tags: [], reporter: null }),
    ]);
  });

  test("finds nothing, and suggests names that begin like the term", async () => {
    const store = await openDatabase();
    await loadExample(store);
    const answer = await lookUp({ store: store.reader }, "example b");
    expect(answer).toMatchObject({ found: false, read_as: ["name"] });
    // Those that share more letters come first.
    const [one, other, ...others] = answer.suggestions.map(({ id }) => id);
    expect([one, other].sort()).toEqual(["G9001", "S9001"]);
    expect(others.sort()).toEqual(["M9001", "T9001"]);
    expect(await lookUp({ store: store.reader }, "nosuch.example")).toMatchObject({
      found: false,
      read_as: ["domain", "name"],
      iocs: { total: 0, newest: [] },
      suggestions: [],
    });
  });
});
