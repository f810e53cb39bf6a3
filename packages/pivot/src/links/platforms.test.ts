import { expect, test } from "vitest";
import { platformsOfKey } from "../documents/malpedia-key.js";
import { contradict, platformsOfSoftware, withoutPlatform } from "./platforms.js";

const enterprise = ["enterprise-attack"];

test.each([
  ["apk.hydra", ["Windows"], enterprise, true],
  ["apk.hydra", ["Windows", "Android"], enterprise, false],
  ["apk.hydra", [], ["mobile-attack"], false],
  ["apk.hydra", [], enterprise, true],
  ["ios.pegasus", ["Android"], ["mobile-attack"], true],
  ["win.chaos", ["Linux"], enterprise, true],
  ["win.tinynuke", [], ["mobile-attack"], true],
  ["win.uacme", [], enterprise, false],
  ["win.uacme", [], ["enterprise-attack", "mobile-attack"], false],
  ["win.triton", ["Safety Instrumented System/Protection Relay"], ["ics-attack"], false],
  ["win.triton", ["Engineering Workstation", "Linux"], ["ics-attack"], true],
  ["elf.vpnfilter", ["Network Devices"], enterprise, false],
  ["elf.qbot", ["Windows"], enterprise, true],
  ["osx.komplex", ["Windows"], enterprise, true],
  ["ps1.poshspy", ["Windows"], enterprise, false],
  ["ps1.poshspy", ["macOS"], enterprise, true],
  ["sh.prism", ["Windows"], enterprise, true],
  ["js.fakeupdates", ["Windows"], enterprise, false],
  ["py.pupy", ["macOS"], enterprise, false],
  ["jar.adwind", ["Android"], ["mobile-attack"], true],
  ["php.c99", ["Linux"], enterprise, false],
  ["asp.chinachopper", ["Linux"], enterprise, true],
  ["fas.acad", ["Android"], ["mobile-attack"], false],
  ["unknown", ["Android"], ["mobile-attack"], false],
  ["win.anything", [], [], false],
])("%s against software of %j in %j: contradiction %s", (malware, platforms, domains, expected) => {
  expect(contradict(platformsOfKey(malware), platformsOfSoftware({ platforms, domains }))).toBe(expected);
});

test.each([
  ["Derusbi (Windows)", "Derusbi"],
  ["X-Agent (Android)", "X-Agent"],
  ["X-Agent for Android", "X-Agent"],
  ["Winnti (OS X)", "Winnti"],
  ["Exaramel for Linux", "Exaramel"],
  ["Unidentified 111 (Latrodectus)", "Unidentified 111 (Latrodectus)"],
  ["Tool for Thought", "Tool for Thought"],
  ["Android", "Android"],
  ["(Windows)", "(Windows)"],
  ["", ""],
])("takes the platform off %j", (name, expected) => {
  expect(withoutPlatform(name)).toBe(expected);
});
