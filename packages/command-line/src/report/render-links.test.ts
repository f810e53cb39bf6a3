import type { FamilyLinks, MalwareLink } from "@cti-connectors/pivot";
import { expect, test } from "vitest";
import { renderLinks } from "./render-links.js";

const options = {
  ...{ place: "database", command: "cti", isStored: true, isDetailed: false, width: 80 },
  paint: (_style: string, text: string) => text,
};
const link: MalwareLink = {
  ...{ attack_id: "S0012", stix_id: "malware--1", name: "PoisonIvy", names: ["Darkmoon"] },
  ...{ domains: ["enterprise-attack"], found_by: "name", confidence: 90, deprecated: false },
  successor_of: ["S0209"],
};
const rejection = { attack_id: "S0220", stix_id: "malware--2", name: "Chaos", names: ["Chaos"] };
const families: readonly FamilyLinks[] = [
  {
    family: { malware: "win.darkmoon", name: "Darkmoon", aliases: ["Chymine"] },
    ...{ state: "linked", links: [link], rejected: [] },
  },
  {
    family: { malware: "win.orz", name: "Orz", aliases: [] },
    ...{ state: "ambiguous", links: [], rejected: [{ ...rejection, reason: "short_name" }] },
  },
  {
    family: { malware: "win.chaos", name: "Chaos", aliases: [] },
    ...{ state: "unlinked", links: [], rejected: [{ ...rejection, reason: "platforms" }] },
  },
  {
    family: { malware: "win.vidar", name: "Vidar", aliases: [] },
    ...{ state: "unlinked", links: [], rejected: [] },
  },
];

test("lists families by state, and what could be linked", () => {
  expect(renderLinks(families, options).split("\n")).toEqual([
    "4 malware families: 1 linked, 1 ambiguous, 2 unlinked",
    "",
    "linked",
    "family        name      software                            found by  confidence",
    "win.darkmoon  Darkmoon  S0012 PoisonIvy (in place of S020…  name              90",
    "",
    "ambiguous, similar",
    "family   software     not linked because",
    "win.orz  S0220 Chaos  short name",
    "",
    "unlinked, similar",
    "family     software     not linked because",
    "win.chaos  S0220 Chaos  other platforms",
    "",
    "unlinked",
    "win.vidar",
    "",
    "One family with all details: cti links win.cobalt_strike",
  ]);
});

test("shows everything of the families that were named", () => {
  expect(renderLinks(families.slice(0, 2), { ...options, isDetailed: true }).split("\n")).toEqual([
    "win.darkmoon Darkmoon: linked",
    "  Chymine",
    "  S0012 PoisonIvy (in place of S0209)",
    "    found by name (Darkmoon), confidence 90",
    "",
    "win.orz Orz: ambiguous",
    "  not S0220 Chaos",
    "    short name (Chaos)",
  ]);
});

test("fits 80 columns, and what an upstream sent steers no terminal", () => {
  const long = families.map((one) => ({
    ...one,
    family: { ...one.family, name: `\u001b[31m${"long ".repeat(30)}` },
  }));
  const text = renderLinks(long, options);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(text).not.toContain("\u001b");
});

test("says what to do where nothing is stored, and that no family matches", () => {
  expect(renderLinks([], { ...options, isStored: false })).toBe(
    "The database has no links between malware families and ATT&CK.\nLoad ATT&CK and ThreatFox first: cti",
  );
  expect(renderLinks([], options)).toBe("No malware family matches.");
});
