import { v5, validate, version } from "uuid";
import { expect, test } from "vitest";
import { deriveStixId, enrichIoc, expireIoc, threatfoxNamespace } from "./enrich-ioc.js";
import { iocRecord } from "./ioc-record.js";

test("a whole record", () => {
  const record = iocRecord.parse({
    id: "900001",
    ioc: "203.0.113.5:443",
    threat_type: "botnet_cc",
    threat_type_desc: "…",
    ioc_type: "ip:port",
    ioc_type_desc: "…",
    malware: "win.cobalt_strike",
    malware_printable: "Cobalt Strike",
    malware_alias: "Agentemis,BEACON",
    malware_malpedia: "https://malpedia.example/win.cobalt_strike",
    confidence_level: 75,
    first_seen: "2022-08-05 11:40:15 UTC",
    last_seen: "2022-08-06 00:00:01 UTC",
    reference: "https://report.example/1",
    reporter: "somebody",
    tags: ["CobaltStrike"],
    is_compromised: 0,
  });
  expect(enrichIoc(record)).toEqual({
    indicator: {
      type: "ip:port",
      value: "203.0.113.5:443",
      host: "203.0.113.5",
      port: 443,
      ip_version: 4,
      address: "203.000.113.005",
      hash_algorithm: null,
    },
    defanged: "203[.]0[.]113[.]5:443",
    threat_type: "botnet_cc",
    malware: "win.cobalt_strike",
    malware_name: "Cobalt Strike",
    aliases: ["Agentemis", "BEACON"],
    tags: ["CobaltStrike"],
    folded_tags: ["cobaltstrike"],
    first_seen: new Date("2022-08-05T11:40:15Z"),
    last_seen: new Date("2022-08-06T00:00:01Z"),
    expires_at: new Date("2023-02-06T00:00:01Z"),
    confidence: 75,
    reference: "https://report.example/1",
    reporter: "somebody",
    is_compromised: false,
    stix_id: deriveStixId("indicator", "900001"),
    stix_pattern: "[network-traffic:dst_ref.value = '203.0.113.5' AND network-traffic:dst_port = 443]",
    tlp: "TLP:CLEAR",
    license: "CC0-1.0",
  });
});

test("a record that has nothing but an id and an IOC", () => {
  const enriched = enrichIoc(iocRecord.parse({ id: 7, ioc: "t13d1516h2" }));
  expect(enriched).toEqual({
    indicator: {
      type: null,
      value: "t13d1516h2",
      host: null,
      port: null,
      ip_version: null,
      hash_algorithm: null,
    },
    defanged: "t13d1516h2",
    threat_type: null,
    malware: null,
    malware_name: null,
    aliases: [],
    tags: [],
    folded_tags: [],
    first_seen: null,
    last_seen: null,
    expires_at: null,
    confidence: null,
    reference: null,
    reporter: null,
    stix_id: deriveStixId("indicator", "7"),
    stix_pattern: null,
    tlp: "TLP:CLEAR",
    license: "CC0-1.0",
  });
});

test.each(["[", "[.]", "a.", ":", "@", " ", "'", "%", "T1", "0"])(
  "200,000 of %j are read at once",
  { timeout: 30_000 },
  (part) => {
    const ioc = `x${part.repeat(200_000)}x`;
    for (const ioc_type of [
      "ip:port",
      "domain",
      "url",
      "sha256_hash",
      "tlsh",
      "ssdeep",
      "body_from",
      "other",
    ]) {
      const { indicator } = enrichIoc(
        iocRecord.parse({ id: "1", ioc, ioc_type, tags: ioc, first_seen: ioc }),
      );
      expect(indicator.value).toHaveLength(ioc.length);
    }
  },
);

const date = (text: string | null) => (text === null ? null : new Date(text));

test.each([
  ["2026-01-15T10:20:30Z", null, "2026-07-15T10:20:30.000Z"],
  [null, "2026-01-15T10:20:30Z", "2026-07-15T10:20:30.000Z"],
  ["2026-01-15T10:20:30Z", "2026-03-01T00:00:00Z", "2026-09-01T00:00:00.000Z"],
  ["2026-03-01T00:00:00Z", "2026-01-15T10:20:30Z", "2026-09-01T00:00:00.000Z"],
  ["2025-10-30T23:59:59Z", null, "2026-04-30T23:59:59.000Z"],
  ["2025-10-31T23:59:59Z", null, "2026-04-30T23:59:59.000Z"],
  ["2025-08-31T12:00:00Z", null, "2026-02-28T12:00:00.000Z"],
  ["2023-08-31T12:00:00Z", null, "2024-02-29T12:00:00.000Z"],
  ["2026-12-31T00:00:00Z", null, "2027-06-30T00:00:00.000Z"],
  ["0050-01-31T00:00:00Z", null, "0050-07-31T00:00:00.000Z"],
])("first seen %s, last seen %s: expires %s", (first, last, expiry) => {
  expect(expireIoc(date(first), date(last))?.toISOString()).toBe(expiry);
});

test("a date that Python cannot read is left out", () => {
  expect(expireIoc(date("9999-08-05T00:00:00Z"), null)).toBeNull();
});

test("without a date nothing is known", () => {
  expect(expireIoc(null, null)).toBeNull();
});

test("the namespace is derived from ThreatFox's address", () => {
  expect(threatfoxNamespace).toBe(v5("https://threatfox.abuse.ch/", v5.URL));
});

test("the same IOC has the same id everywhere, for ever", () => {
  expect(deriveStixId("indicator", "841507")).toBe("indicator--509b9caa-24c7-58b9-a2ac-bb3024afa828");
  expect(deriveStixId("indicator", "841508")).not.toBe(deriveStixId("indicator", "841507"));
});

test.each(["841507", "", "\u0000", "\ud800"])("%j makes a UUIDv5", (key) => {
  const uuid = deriveStixId("indicator", key).replace("indicator--", "");
  expect(validate(uuid) && version(uuid)).toBe(5);
});
