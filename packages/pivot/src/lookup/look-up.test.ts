import type { Store } from "@cti-connectors/core/host";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test } from "vitest";
import { loadObjects } from "../testing/load-attack.js";
import { type ExportEntry, loadIocs } from "../testing/load-iocs.js";
import { type LookupAnswer, lookUp } from "./look-up.js";

const time = "2024-01-01T00:00:00.000Z";

function attackObject(type: string, attackId: string, more: object) {
  return {
    type,
    id: `${type}--${attackId}`,
    created: time,
    modified: time,
    external_references: [
      { source_name: "mitre-attack", external_id: attackId, url: `https://attack.mitre.org/${attackId}` },
    ],
    x_mitre_domains: ["enterprise-attack"],
    ...more,
  };
}

function relationship(source: { id: string }, relationship_type: string, target: { id: string }) {
  return {
    type: "relationship",
    id: `relationship--${source.id}${target.id}`,
    created: time,
    modified: time,
    relationship_type,
    source_ref: source.id,
    target_ref: target.id,
    description: "In short.",
    x_mitre_domains: ["enterprise-attack"],
  };
}

const software = attackObject("malware", "S9001", {
  name: "Example Beacon",
  x_mitre_aliases: ["Example Beacon", "ExBeacon"],
});
const group = attackObject("intrusion-set", "G9001", { name: "Example Bear" });
const technique = attackObject("attack-pattern", "T9001", {
  name: "Example Technique",
  kill_chain_phases: [{ kill_chain_name: "mitre-attack", phase_name: "impact" }],
});
const mitigation = attackObject("course-of-action", "M9001", { name: "Example Mitigation" });
const objects = [
  software,
  group,
  technique,
  mitigation,
  relationship(software, "uses", technique),
  relationship(group, "uses", software),
  relationship(mitigation, "mitigates", technique),
];

function entry(ioc_type: string, ioc_value: string, first_seen_utc: string, more: object = {}): ExportEntry {
  return {
    ioc_type,
    ioc_value,
    first_seen_utc,
    malware: "win.example_beacon",
    malware_printable: "Example Beacon",
    malware_alias: null,
    threat_type: "botnet_cc",
    confidence_level: 75,
    last_seen_utc: null,
    reference: null,
    reporter: "somebody",
    tags: "C2, Example Tag",
    ...more,
  };
}

const iocs = [
  entry("ip:port", "203.0.113.5:443", "2026-11-01 00:00:00"),
  entry("ip:port", "[2001:db8::1]:443", "2026-11-02 00:00:00"),
  entry("domain", "c2.example", "2026-11-03 00:00:00"),
  entry("url", "http://www.c2.example/a", "2026-11-04 00:00:00"),
  entry("md5_hash", "a".repeat(32), "2026-11-05 00:00:00"),
  entry("domain", "other.example", "2026-01-01 00:00:00", {
    malware: "win.other",
    malware_printable: "Other",
  }),
];

/** As the connector `malware-links` writes it. */
const link = {
  _id: "win.example_beacon",
  removed_at: null,
  enriched: {
    name: "Example Beacon",
    folded_names: ["examplebeacon"],
    aliases: [],
    state: "linked",
    software_ids: ["S9001"],
    links: [
      { attack_id: "S9001", stix_id: software.id, name: "Example Beacon", found_by: "name", confidence: 90 },
    ],
  },
};

async function load(store: Store): Promise<void> {
  await loadObjects(store, objects);
  await loadIocs(store, iocs);
  await store.database.collection<{ _id: string }>("malware_links").insertOne(link);
}

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
    await load(store);
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
    ] as const) {
      expect(found(await look(term)), term).toEqual({ iocs: values, ...both });
    }
    for (const term of ["win.example_beacon", "example beacon", "S9001", "exbeacon"]) {
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
    await load(store);
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
    await load(store);
    const options = { limit: 2, now: new Date("2026-12-01") };
    const { iocs: all } = await lookUp({ store: store.reader }, "win.example_beacon", options);
    expect(all).toMatchObject({ total: 5, newest: [{ expired: false }, { expired: false }] });
    const old = await lookUp({ store: store.reader }, "other.example", options);
    expect(old.iocs.newest).toEqual([expect.objectContaining({ expired: true, reporter: "somebody" })]);
    expect(old.families).toEqual([]);
  });

  test("finds nothing, and suggests names that begin like the term", async () => {
    const store = await openDatabase();
    await load(store);
    const answer = await lookUp({ store: store.reader }, "example b");
    expect(answer).toMatchObject({ found: false, read_as: ["name"] });
    expect(answer.suggestions.map(({ id }) => id).sort()).toEqual(["G9001", "S9001"]);
    expect(await lookUp({ store: store.reader }, "nosuch.example")).toMatchObject({
      found: false,
      read_as: ["domain", "name"],
      iocs: { total: 0, newest: [] },
      suggestions: [],
    });
  });
});
