import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { enrichIoc } from "./enrich-ioc.js";
import { iocRecord } from "./ioc-record.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const types = [
  "ip:port",
  "domain",
  "url",
  "md5_hash",
  "sha1_hash",
  "sha256_hash",
  "sha3_384_hash",
  "envelope_from",
  "body_from",
  "toString",
];
const fields = ["threat_type", "malware", "malware_printable", "malware_alias", "confidence_level"];
const laterFields = [
  "first_seen",
  "last_seen",
  "reference",
  "reporter",
  "tags",
  "is_compromised",
  "__proto__",
];

const ioc = fc
  .oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."aZ09.:[]/\\@%' \t\né\ud800") }),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.ipV6(),
    fc
      .tuple(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()), fc.integer())
      .map(([host, port]) => `${host}:${port}`),
    fc.emailAddress(),
  )
  .filter((text) => text.trim() !== "");

const record = fc
  .tuple(
    fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).filter((id) => id.trim() !== ""),
    ioc,
    fc.oneof(fc.constantFrom(...types), fc.string(), fc.jsonValue()),
    fc.dictionary(fc.constantFrom(...fields, ...laterFields), fc.jsonValue()),
  )
  .map(([id, value, ioc_type, rest]) => ({ ...rest, id, ioc: value, ioc_type }));

test("whatever has an id and an IOC is enriched, its value is not lost, and data is untouched", () => {
  fc.assert(
    fc.property(record, (data) => {
      const before = structuredClone(data);
      const enriched = enrichIoc(iocRecord.parse(data));
      expect(data).toEqual(before);
      const { value, problem, port } = enriched.indicator;
      expect(value.trim()).not.toBe("");
      if (problem !== undefined && enriched.indicator.ip_version === null) {
        expect(value).toBe(data.ioc.trim());
      }
      expect(port === null || (port >= 0 && port <= 65_535)).toBe(true);
      expect(enriched.confidence ?? 0).toBeLessThanOrEqual(100);
      expect(enriched.first_seen?.getTime()).not.toBeNaN();
    }),
    { seed: 20_261_126, numRuns: 2000 },
  );
});

test("an indicator in its normal spelling is normal already", () => {
  fc.assert(
    fc.property(fc.constantFrom(...types), ioc, (ioc_type, text) => {
      const { indicator } = enrichIoc(iocRecord.parse({ id: "1", ioc: text, ioc_type }));
      // A bare IPv6 address without a port can look like one with a port.
      const isAmbiguous = indicator.ip_version === 6 && indicator.port === null;
      if (indicator.problem === undefined && !isAmbiguous) {
        const again = enrichIoc(iocRecord.parse({ id: "1", ioc: indicator.value, ioc_type }));
        expect(again.indicator).toEqual(indicator);
      }
    }),
    { seed: 20_261_126, numRuns: 2000 },
  );
});

test("a pattern is one comparison whose text is the value, whatever stands in it", () => {
  fc.assert(
    fc.property(fc.constantFrom("url", "domain", "body_from"), ioc, (ioc_type, text) => {
      const { indicator, stix_pattern } = enrichIoc(iocRecord.parse({ id: "1", ioc: text, ioc_type }));
      fc.pre(stix_pattern !== null);
      const literal = /^\[[a-z-]+:value = '((?:[^'\\]|\\'|\\\\)*)'\]$/su.exec(stix_pattern ?? "")?.[1];
      expect(literal?.replaceAll(/\\(.)/gu, "$1")).toBe(indicator.value);
    }),
    { seed: 20_261_126, numRuns: 2000 },
  );
});

test("an address with a port is found by its host, IPv4 and IPv6, bracketed and bare", () => {
  fc.assert(
    fc.property(fc.ipV6(), fc.ipV4(), fc.integer({ min: 1, max: 65_535 }), (six, four, port) => {
      const parse = (text: string) => enrichIoc(iocRecord.parse({ id: "1", ioc: text, ioc_type: "ip:port" }));
      expect(parse(`${four}:${port}`).indicator).toMatchObject({ host: four, port, ip_version: 4 });
      const bracketed = parse(`[${six}]:${port}`).indicator;
      expect(bracketed).toMatchObject({ port, ip_version: 6 });
      expect(parse(`${six}:${port}`).indicator).toEqual(bracketed);
    }),
    { seed: 20_261_126, numRuns: 2000 },
  );
});
