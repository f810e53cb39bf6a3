import { expect, test } from "vitest";
import { plain } from "../text/paint.js";
import { type RenderLookupOptions, renderLookup } from "./render-lookup.js";

type LookupAnswer = Parameters<typeof renderLookup>[0][number];

const options: RenderLookupOptions = {
  searched: [{ connector: "threatfox" }],
  place: "database threat_intelligence of the embedded database in /srv/data (MONGO_URI is not set)",
  command: "cti",
  all: false,
  now: new Date("2026-11-28"),
  paint: plain,
  width: 40,
};

const iocs = { total: 0, total_is_exact: true, newest: [] };

const nothing: LookupAnswer = {
  ...{ term: "nosuch", read_as: ["name"], found: false, iocs },
  ...{ families: [], attack: [], tactics: [], suggestions: [] },
};

const group: LookupAnswer = {
  ...nothing,
  found: true,
  attack: [
    {
      object: {
        ...{ id: "intrusion-set--1", attack_id: "G9001", name: "Example Bear", type: "intrusion-set" },
        aliases: Array.from({ length: 12 }, (_, index) => `Alias ${index}`),
        ...{ tactics: [], platforms: [], domains: ["enterprise-attack"], created: options.now },
        ...{ modified: options.now, is_subtechnique: false, revoked: false, deprecated: false },
      },
      ...{ sub_techniques: [], techniques: [], software: [], groups: [], campaigns: [], mitigations: [] },
      ...{ detection_strategies: [], analytics: [], data_components: [], data_sources: [] },
      ...{ tactics: [], assets: [] },
    },
  ],
};

test("a long list of aliases, and where was searched, go on in the next line", () => {
  const text = renderLookup([group, nothing], options);
  expect(text).toContain("Alias 11");
  for (const line of text.split("\n")) {
    expect(line.length, line).toBeLessThanOrEqual(40);
  }
});

test("an analytic shows where it reads what, and a strategy that of its analytics", () => {
  const [found = expect.fail("no group")] = group.attack;
  const named = (type: string, attack_id: string, name: string) => ({
    ...{ id: `${type}--1`, type, attack_id, name, url: undefined, tactics: [], deprecated: false },
    ...{ relations: 1, descriptions: [] },
  });
  const component = named("x-mitre-data-component", "DC9001", "Example Creation");
  const analytic = {
    ...named("x-mitre-analytic", "AN9001", "Analytic 9001"),
    platforms: ["Windows", "Linux"],
    log_sources: [{ name: "WinEventLog:Sysmon", channel: "EventCode=1", data_component: component }],
  };
  const strategy = named("x-mitre-detection-strategy", "DET9001", "Example Strategy");
  const show = (object: typeof strategy) => {
    const attack = [
      {
        ...found,
        object: { ...found.object, ...object, aliases: [] },
        analytics: [analytic],
        data_components: [component],
      },
    ];
    return renderLookup([{ ...group, attack }], { ...options, all: true, width: 80 });
  };
  const source = "WinEventLog:Sysmon, EventCode=1: DC9001 Example Creation\n";
  const components = "  Data components (1):\n    DC9001 Example Creation";
  expect(show(analytic)).toContain(`  Log sources (1):\n    ${source}${components}`);
  expect(show(strategy)).toContain(
    `  Analytics (1):\n    AN9001 Analytic 9001 on Windows, Linux\n      ${source}${components}`,
  );
});

test("a term of any length takes a line of 200 characters at most", () => {
  const [line = ""] = renderLookup([{ ...nothing, term: "a".repeat(10_000) }], options).split("\n");
  expect(line).toBe(`Nothing found for ${"a".repeat(199)}… (read as name).`);
});

const ioc = {
  ...{ id: "1", type: "domain", value: "c2.example", defanged: "c2[.]example", threat_type: null },
  ...{ malware: null, malware_name: null, confidence: null, first_seen: null, last_seen: null },
  ...{ expires_at: null, expired: false, reporter: null, reference: null, tags: [] },
};

test("a count of IOCs that ended early is a least", () => {
  const render = (total: number, total_is_exact: boolean) =>
    renderLookup([{ ...nothing, found: true, iocs: { total, total_is_exact, newest: [ioc] } }], options);
  expect(render(1, true)).toContain("\n1 IOC\n");
  expect(render(1_000, true)).toContain("\n1,000 IOCs, the newest 1\n");
  expect(render(1_000, false)).toContain("\nMore than 1,000 IOCs, the newest 1\n");
});

test("a long tag of an IOC is shortened", () => {
  const tagged = { ...ioc, tags: ["z".repeat(10_000)] };
  const text = renderLookup(
    [{ ...nothing, found: true, iocs: { ...iocs, total: 1, newest: [tagged] } }],
    options,
  );
  expect(text).toContain(`${"z".repeat(59)}…`);
  expect(text.length).toBeLessThan(300);
});

test("a family shows its other names, and what it is in ATT&CK, on lines of their own", () => {
  const link = {
    ...{ attack_id: "S0154", name: "Cobalt Strike", stix_id: "malware--1", names: ["Cobalt Strike"] },
    ...{ domains: ["enterprise-attack"], found_by: "name" as const, confidence: 90 },
    ...{ deprecated: false, successor_of: [] },
  };
  const family = { malware: "win.cobalt_strike", name: "Cobalt Strike", aliases: ["Agentemis", "BEACON"] };
  const families = [{ ...family, state: "linked" as const, links: [link] }];
  expect(renderLookup([{ ...nothing, found: true, families }], { ...options, width: 80 })).toContain(
    [
      "  Cobalt Strike (win.cobalt_strike)",
      "    also known as Agentemis, BEACON",
      "    ATT&CK: S0154 Cobalt Strike (matched by name)",
    ].join("\n"),
  );
});
