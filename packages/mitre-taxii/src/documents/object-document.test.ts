import { expect, test } from "vitest";
import { enrichObject } from "./object-document.js";

test("reads an ATT&CK technique", () => {
  expect(
    enrichObject({
      type: "attack-pattern",
      id: "attack-pattern--970a3432-3237-47ad-bcca-7d8cbb217736",
      name: "PowerShell",
      created: "2020-03-09T13:48:55.078Z",
      modified: "2025-10-24T17:49:07.660Z",
      revoked: false,
      external_references: [
        { source_name: "another", external_id: "X1" },
        {
          source_name: "mitre-attack",
          external_id: "T1059.001",
          url: "https://attack.mitre.org/techniques/T1059/001",
        },
      ],
      kill_chain_phases: [{ kill_chain_name: "mitre-attack", phase_name: "execution" }],
      x_mitre_deprecated: false,
      x_mitre_domains: ["enterprise-attack"],
      x_mitre_is_subtechnique: true,
      x_mitre_platforms: ["Windows"],
      x_mitre_version: "1.5",
    }),
  ).toEqual({
    attack_id: "T1059.001",
    technique_id: "T1059.001",
    name: "PowerShell",
    folded_names: ["powershell"],
    type: "attack-pattern",
    domains: ["enterprise-attack"],
    tactics: ["execution"],
    platforms: ["Windows"],
    url: "https://attack.mitre.org/techniques/T1059/001",
    is_subtechnique: true,
    attack_version: "1.5",
    revoked: false,
    deprecated: false,
    created: new Date("2020-03-09T13:48:55.078Z"),
    modified: new Date("2025-10-24T17:49:07.660Z"),
    relationship_type: undefined,
    source_ref: undefined,
    target_ref: undefined,
  });
});

test.each(["mitre-attack", "mitre-mobile-attack", "mitre-ics-attack"])(
  "takes the id of source %s",
  (source) => {
    const external_references = [{ source_name: source, external_id: "T0800" }];
    expect(enrichObject({ type: "attack-pattern", id: "x", external_references }).attack_id).toBe("T0800");
  },
);

test("knows a mitigation with the id of a technique from the technique", () => {
  const external_references = [{ source_name: "mitre-attack", external_id: "T1003" }];
  const enriched = enrichObject({ type: "course-of-action", id: "course-of-action--1", external_references });
  expect(enriched).toMatchObject({ attack_id: "T1003", technique_id: undefined });
});

test("reads a relationship, and tells what is revoked and deprecated", () => {
  expect(
    enrichObject({
      type: "relationship",
      id: "relationship--1",
      relationship_type: "uses",
      source_ref: "malware--1",
      target_ref: "attack-pattern--1",
      revoked: true,
      x_mitre_deprecated: true,
    }),
  ).toMatchObject({
    relationship_type: "uses",
    source_ref: "malware--1",
    target_ref: "attack-pattern--1",
    revoked: true,
    deprecated: true,
  });
});

test("leaves out what has another type than it should, and keeps the rest", () => {
  const enriched = enrichObject({
    type: "tool",
    id: "tool--1",
    name: 7,
    revoked: "yes",
    modified: "soon",
    external_references: [null, 3, { source_name: "mitre-attack", external_id: "S0001", url: 1 }],
    kill_chain_phases: [{}, { phase_name: "execution" }],
    x_mitre_platforms: "Windows",
    x_mitre_domains: [1],
  });
  expect(enriched).toMatchObject({
    type: "tool",
    attack_id: "S0001",
    name: undefined,
    url: undefined,
    revoked: false,
    modified: undefined,
    tactics: ["execution"],
    platforms: undefined,
    domains: undefined,
  });
});

test("keeps other names as they are written, each once, and folds all of them for search", () => {
  const software = {
    type: "malware",
    id: "malware--1",
    name: "Cobalt Strike",
    aliases: ["Cobalt Strike", "CobaltStrike", "---"],
    x_mitre_aliases: ["Beacon", "CobaltStrike"],
  };
  expect(enrichObject(software)).toMatchObject({
    aliases: ["CobaltStrike", "---", "Beacon"],
    folded_names: ["cobaltstrike", "beacon"],
  });
  const { aliases, folded_names } = enrichObject({ type: "tool", id: "tool--1", name: "---", aliases: [1] });
  expect({ aliases, folded_names }).toEqual({});
});

test("says of a relationship what is known of its ends, and folds nothing", () => {
  const relationship = {
    type: "relationship",
    id: "relationship--1",
    name: "x",
    source_ref: "a",
    target_ref: "b",
  };
  const source = { attack_id: "G0034", name: "Sandworm Team", type: "intrusion-set" };
  const { folded_names, target, ...enriched } = enrichObject(relationship, { source });
  expect(enriched).toMatchObject({ source, source_ref: "a", target_ref: "b" });
  expect({ folded_names, target }).toEqual({});
});
