import { expect, test } from "vitest";
import { parseThreatfoxDate } from "../threatfox/threatfox-record.js";
import { demoThreatfoxRecords } from "./demo-threatfox-records.js";

const now = Date.parse("2025-11-13T14:00:00Z");
const records = demoThreatfoxRecords(now);

test("names only addresses and domains that are reserved for documentation", () => {
  const hash = /^[0-9a-f]{32,96}$/;
  const reserved = /192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8:|example\.(?:com|net|org)\b/;
  for (const { ioc } of records) {
    expect(hash.test(ioc) || reserved.test(ioc), ioc).toBe(true);
  }
});

test("covers the kinds of records that a reader has to cope with", () => {
  const types = new Set(records.map(({ ioc_type }) => ioc_type));
  expect([...types]).toEqual(
    expect.arrayContaining([
      "ip:port",
      "domain",
      "url",
      "md5_hash",
      "sha1_hash",
      "sha256_hash",
      "sha3_384_hash",
      "envelope_from",
      "body_from",
    ]),
  );
  const addresses = records.filter(({ ioc_type }) => ioc_type === "ip:port");
  expect(addresses.filter(({ ioc }) => ioc.startsWith("2001:db8:"))).not.toHaveLength(0);
  expect(addresses.filter(({ ioc }) => ioc.startsWith("[2001:db8:"))).not.toHaveLength(0);
  const ofCobaltStrike = records.filter(({ malware }) => malware === "win.cobalt_strike");
  expect(ofCobaltStrike.length).toBeGreaterThanOrEqual(5);
});

test("is dated within the three days before the start, newest first, with ids that grow with time", () => {
  const seen = records.map(({ first_seen }) => parseThreatfoxDate(first_seen));
  expect(seen).toEqual([...seen].sort((a, b) => b - a));
  expect(Math.max(...seen)).toBeLessThan(now);
  expect(Math.min(...seen)).toBeGreaterThan(now - 3 * 86_400_000);
  const ids = records.map(({ id }) => Number(id));
  expect(ids).toEqual([...ids].sort((a, b) => b - a));
  expect(new Set(ids).size).toBe(records.length);
});

test("has the form of real dates", () => {
  expect(records[0]?.first_seen).toBe("2025-11-13 12:00:00 UTC");
});
