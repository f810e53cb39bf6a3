import { expect, test } from "vitest";
import { parseTerm } from "./parse-term.js";

test.each([
  ["203.0.113.5", { kind: "address", host: "203.0.113.5", port: null }],
  ["203[.]0[.]113[.]5:443", { kind: "address", host: "203.0.113.5", port: 443, value: "203.0.113.5:443" }],
  ["[2001:DB8::1]:443", { kind: "address", host: "2001:db8::1", port: 443, value: "[2001:db8::1]:443" }],
  ["2001:db8::1", { kind: "address", host: "2001:db8::1", port: null }],
  ["203.0.113.0/24", { kind: "network", range: { from: "203.000.113.000", to: "203.000.113.255" } }],
  ["A".repeat(32), { kind: "hash", values: ["a".repeat(32)] }],
  ["b".repeat(64), { kind: "hash", values: ["b".repeat(64)] }],
  ["cve-2021-44228", { kind: "cve", id: "CVE-2021-44228" }],
  ...["T1059", "T1059.001", "TA0001", "G0034", "S0154", "C0024", "M1036", "A0008"].map(attackId),
  ...["DS0009", "DC0032", "DET0732", "AN1881"].map(attackId),
  ["T1059/001", { kind: "attack-id", id: "T1059.001" }],
  ["203.0.113.5:", { kind: "address", host: "203.0.113.5", port: null }],
  ["fe80::1%eth0", { kind: "address", host: "fe80::1", port: null }],
  ["[fe80::1%eth0]:443", { kind: "address", host: "fe80::1", port: 443 }],
  ["fe80::1%eth0/64", { kind: "network", value: "fe80::1/64" }],
  ["ThreatFox 1234", { kind: "threatfox-id", id: "1234" }],
  ["threatfox:1234", { kind: "threatfox-id", id: "1234" }],
  ["s0154", { kind: "attack-id", id: "S0154" }],
  [
    "intrusion-set--381FCF73-60F6-4AB2-9991-6AF3CBC35192",
    { kind: "stix-id", id: "intrusion-set--381fcf73-60f6-4ab2-9991-6af3cbc35192" },
  ],
])("%s has one reading", (text, reading) => {
  expect(parseTerm(text)).toEqual({ text, readings: [expect.objectContaining(reading)] });
});

function attackId(id: string): [string, object] {
  return [id, { kind: "attack-id", id }];
}

test.each([
  ["Sandworm Team", ["name"]],
  ["emotet", ["name"]],
  ["APT28", ["name"]],
  ["hxxps://C2[.]example/a", ["url", "domain"]],
  ["http://203.0.113.5/a", ["url", "address"]],
  ["m[@]Mail.example", ["email", "domain"]],
  ["win.cobalt_strike", ["malpedia-key", "domain", "name"]],
  ["js.c2.example", ["malpedia-key", "domain", "name"]],
  ["C2[.]example", ["domain", "name"]],
  ["c2.example:8443", ["domain", "name"]],
  ["c2.example/path", ["domain", "name"]],
  ["203.0.113.5/path", ["address", "name"]],
  ["2001:db8::1:443", ["address", "address"]],
  ["www.attack.mitre.org/groups/G0016", ["attack-id", "domain", "name"]],
  ["https://attack.mitre.org/", ["url", "domain"]],
  ["https://attack.mitre.org/techniques/enterprise/", ["url", "domain"]],
  ["net.exe", ["domain", "name"]],
  ["T1059 in logs", ["name"]],
  ["…", []],
  ["[.]", []],
  ["   ", []],
  ["", []],
])("%s can be read as %j", (text, kinds) => {
  expect(parseTerm(text).readings.map(({ kind }) => kind)).toEqual(kinds);
});

test("a domain comes in one spelling, with its labels from the top down", () => {
  expect(parseTerm("WWW.München[.]example.").readings[0]).toEqual({
    kind: "domain",
    host: "www.xn--mnchen-3ya.example",
    reversed: "example.xn--mnchen-3ya.www.",
  });
});

test.each([
  ["hxxps://C2[.]example/a", { kind: "url", value: "https://c2.example/a", host: "c2.example" }],
  ["m[@]Mail.example", { kind: "email", value: "m@mail.example", host: "mail.example" }],
  ["mailto:m@mail.example", { kind: "email", value: "m@mail.example", host: "mail.example" }],
  [`SHA256: ${"A".repeat(64)}`, { kind: "hash", values: ["a".repeat(64)] }],
  ["*.c2[.]example", { kind: "domain", host: "c2.example", reversed: "example.c2." }],
  [".c2.example", { kind: "domain", host: "c2.example", reversed: "example.c2." }],
])("%s is spelled as it is stored", (text, reading) => {
  expect(parseTerm(text).readings[0]).toEqual(reading);
});

const attack = "https://attack.mitre.org";
const malpedia = "https://malpedia.caad.fkie.fraunhofer.de";
const technique = { kind: "attack-id", id: "T1059.001" };
const log4shell = { kind: "cve", id: "CVE-2021-44228" };

test.each([
  [`${attack}/techniques/T1059/001/`, technique],
  [`${attack}/techniques/T1059/001`, technique],
  [`${attack}/versions/v18/techniques/T1059/001/`, technique],
  [`${attack}/versions/v16-1/techniques/T1059/001/#mitigations`, technique],
  ["hxxps[:]//attack[.]mitre[.]org/techniques/T1059/001/", technique],
  ["<https://attack.mitre.org/techniques/T1059/001/>,", technique],
  [`${attack}/techniques/T1059,`, { kind: "attack-id", id: "T1059" }],
  [`${attack}/groups/G0016/`, { kind: "attack-id", id: "G0016" }],
  [`${attack}/software/S0154`, { kind: "attack-id", id: "S0154" }],
  [`${attack}/datacomponents/DC0032`, { kind: "attack-id", id: "DC0032" }],
  [`${attack}/datasources/DS0009/#Process%20Creation`, { kind: "attack-id", id: "DS0009" }],
  [`${attack}/detectionstrategies/DET0039#AN0110`, { kind: "attack-id", id: "AN0110" }],
  ["https://collaborate.mitre.org/attackics/index.php/Software/S0603", { kind: "attack-id", id: "S0603" }],
  ["https://nvd.nist.gov/vuln/detail/CVE-2021-44228", log4shell],
  ["https://nvd.nist.gov/vuln/detail/cve-2021-44228#range-1", log4shell],
  ["https://www.cve.org/CVERecord?id=CVE-2021-44228", log4shell],
  ["https://cve.mitre.org/cgi-bin/cvename.cgi?name=CVE-2021-44228", log4shell],
  [`${malpedia}/details/win.cobalt_strike`, { kind: "malpedia-key", key: "win.cobalt_strike" }],
  [`${malpedia}/actor/lazarus_group`, { kind: "name", name: "lazarus_group", folded: "lazarusgroup" }],
  ["https://threatfox.abuse.ch/ioc/1234/", { kind: "threatfox-id", id: "1234" }],
  ["https://threatfox.abuse.ch/browse/malware/win.emotet/", { kind: "malpedia-key", key: "win.emotet" }],
  [
    "https://threatfox.abuse.ch/browse/tag/C2%20Server/",
    { kind: "name", name: "C2 Server", folded: "c2server" },
  ],
])("%s means its subject, and is a URL", (text, subject) => {
  const [first, ...others] = parseTerm(text).readings;
  expect(first).toEqual(subject);
  expect(others).toContainEqual(expect.objectContaining({ kind: "url" }));
});
