import { expect, test } from "vitest";
import type { PatternStyle } from "../indicator/indicator.js";
import { cobaltStrike, storeIoc } from "../testing/stored-ioc.js";
import { threatfoxIdentity } from "./threatfox-identity.js";
import {
  buildIndicator,
  formatStixTime,
  isMalwareFamily,
  isWebAddress,
  laterStixTime,
} from "./to-stix-objects.js";

const build = (fields: object, ingestedAt?: string, style: PatternStyle = "full") =>
  buildIndicator(storeIoc({ ...cobaltStrike, ...fields }, ingestedAt), style);

test("an IOC is an indicator with everything that ThreatFox tells", () => {
  expect(build({ reference: "https://example.com/report", is_compromised: true })).toEqual({
    type: "indicator",
    spec_version: "2.1",
    id: "indicator--39903a79-9b64-5dc5-8b7c-def67f8e180e",
    created_by_ref: threatfoxIdentity.id,
    created: "2026-01-02T04:00:00.123Z",
    modified: "2026-01-02T04:00:00.123Z",
    name: "203.0.113.5:443",
    description:
      "Indicator that identifies a botnet command&control server (C&C). Malware: Cobalt Strike. Reported to ThreatFox by abuse_ch",
    indicator_types: ["malicious-activity", "compromised"],
    pattern: "[network-traffic:dst_ref.value = '203.0.113.5' AND network-traffic:dst_port = 443]",
    pattern_type: "stix",
    pattern_version: "2.1",
    valid_from: "2026-01-02T03:04:05.000Z",
    valid_until: "2026-07-02T03:04:05.000Z",
    labels: ["botnet_cc", "CobaltStrike"],
    confidence: 75,
    external_references: [
      { source_name: "ThreatFox", external_id: "900001", url: "https://threatfox.abuse.ch/ioc/900001/" },
      { source_name: "Reference", url: "https://example.com/report" },
    ],
    object_marking_refs: ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"],
  });
});

test("a change of the document is a new version of the same object", () => {
  const [before, after] = [build({}), build({ confidence_level: 100 }, "2026-03-01T00:00:00.000Z")];
  expect(after).toEqual({ ...before, confidence: 100, modified: "2026-03-01T00:00:00.000Z" });
});

test.each([[null], ["yesterday"], ["0000-01-01"]])(
  "first seen %j: valid from when it came into the database, with no end",
  (first_seen) => {
    const indicator = build({ first_seen });
    expect(indicator).toMatchObject({ created: "2026-01-02T04:00:00.123Z", valid_from: indicator?.created });
    expect(indicator).not.toHaveProperty("valid_until");
  },
);

test("another first_seen changes since when it is valid, and never when it was created", () => {
  const [before, after] = [build({}), build({ first_seen: "2025-06-01" }, "2026-03-01T00:00:00.000Z")];
  expect(after).toEqual({
    ...before,
    modified: "2026-03-01T00:00:00.000Z",
    valid_from: "2025-06-01T00:00:00.000Z",
    valid_until: "2025-12-01T00:00:00.000Z",
  });
  expect(build({ first_seen: null })?.created).toBe(before?.created);
  expect(build({ first_seen: "2026-05-01" })?.created).toBe(before?.created);
});

test.each([
  ["ip:port", "203.0.113.5:443", "[ipv4-addr:value = '203.0.113.5']"],
  ["ip:port", "[2001:db8::1]:443", "[ipv6-addr:value = '2001:db8::1']"],
  ["ip:port", "203.0.113.5", "[ipv4-addr:value = '203.0.113.5']"],
  ["url", "http://203.0.113.5/", "[url:value = 'http://203.0.113.5/']"],
  ["domain", "c2.example", "[domain-name:value = 'c2.example']"],
])("the simple pattern of %s %s is one comparison: %s", (ioc_type, ioc, pattern) => {
  expect(build({ ioc_type, ioc }, undefined, "simple")?.pattern).toBe(pattern);
});

test("a malformed IOC has no simple pattern, either", () => {
  expect(build({ ioc: "203.0.113.5:99999" }, undefined, "simple")).toBeUndefined();
});

test.each([
  ["unknown_rat", "Unknown RAT", ["botnet_cc", "Unknown RAT", "CobaltStrike"]],
  ["unknown_loader", null, ["botnet_cc", "unknown_loader", "CobaltStrike"]],
  ["win.remcos", "Remcos", ["botnet_cc", "CobaltStrike"]],
  [null, null, ["botnet_cc", "CobaltStrike"]],
])("malware %j %j is told by the labels %j where it is no family", (malware, malware_printable, labels) => {
  expect(build({ malware, malware_printable })?.labels).toEqual(labels);
});

test.each([
  [null, undefined],
  [0, 0],
  [100, 100],
  ["75.5", 76],
  [101, undefined],
])("confidence_level %j is confidence %j", (confidence_level, confidence) => {
  expect(build({ confidence_level })?.confidence).toBe(confidence);
});

test.each([
  ["payload", ["malicious-activity"]],
  ["cc_skimming", ["malicious-activity"]],
  ["unheard_of", ["unknown"]],
  [null, ["unknown"]],
])("threat type %j is of indicator types %j", (threat_type, types) => {
  expect(build({ threat_type })?.indicator_types).toEqual(types);
});

test.each([
  ["not a URL", { source_name: "Reference", description: "not a URL" }],
  ["https://example.com/a b", { source_name: "Reference", description: "https://example.com/a b" }],
])("a reference that is no URI is told as text: %j", (reference, expected) => {
  expect(build({ reference })?.external_references?.[1]).toEqual(expected);
});

test("an id that is not ThreatFox's leads to no page", () => {
  expect(build({ id: "CVE-2020-1234" })?.external_references).toEqual([
    { source_name: "ThreatFox", description: "ThreatFox knows this IOC as CVE-2020-1234" },
  ]);
});

test.each([
  ["a type that patterns have no word for", { ioc_type: "yara" }],
  ["a malformed IOC", { ioc: "203.0.113.5:99999" }],
])("%s is no indicator", (_what, fields) => {
  expect(build(fields)).toBeUndefined();
});

test.each([
  ...["unknown", "Unknown", "unknown_rat", "unknown_stealer", "unknown_loader", "unknown_webinject"],
  ...["apk.unknown", "win.unknown", "elf.unknown_rat", "unknown malware"],
])("%s is no family", (malware) => {
  expect(isMalwareFamily(malware)).toBe(false);
});

test.each(["win.cobalt_strike", "win.unknownkiller", "js.the_unknown", "unknown.rat", "a.b.unknown"])(
  "%s is a family",
  (malware) => {
    expect(isMalwareFamily(malware)).toBe(true);
  },
);

test.each([
  [new Date("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05.000Z"],
  [new Date("0001-01-01T00:00:00.009Z"), "0001-01-01T00:00:00.009Z"],
  [new Date("0000-12-31T23:59:59Z"), undefined],
  [new Date("-000001-12-31T23:59:59Z"), undefined],
  [new Date("+010000-01-01T00:00:00Z"), undefined],
  [null, undefined],
])("%j is written as %j", (date, text) => {
  expect(formatStixTime(date)).toBe(text);
});

test("the later one of two times", () => {
  const [before, after] = ["2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05.001Z"];
  expect([laterStixTime(before, after), laterStixTime(after, before)]).toEqual([after, after]);
});

test.each([
  "https://example.com",
  "http://example.com:8080/a/b.html?c=d&e=/?#f",
  "https://user:pw@example.com/%C3%A4",
  "http://[2001:db8::1]:443/",
  "https://web.archive.org/web/2026/https://example.com/",
])("%s is one", (text) => expect(isWebAddress(text)).toBe(true));

test.each([
  "",
  "example.com",
  "ftp://example.com/",
  "https://",
  "https://example.com/a b",
  "https://example.com/|",
  "https://example.com/%zz",
  "https://exämple.com/",
  "https://example.com/#a#b",
  "https://example.com/\nhttps://example.com/",
  "https://example.com:99999/",
])("%j is none", (text) => expect(isWebAddress(text)).toBe(false));
