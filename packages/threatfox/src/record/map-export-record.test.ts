import { readFileSync } from "node:fs";
import type { JsonObject } from "@cti-connectors/core";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { toCsvExport, toJsonExport } from "../testing/export-forms.js";
import { fullRecord } from "../testing/three-ways.js";
import { mapExportRecord } from "./map-export-record.js";

const realFile = realData("threatfox/get_iocs.json");

/** A record as the API tells it. */
const received: JsonObject = {
  ...fullRecord,
  id: "1762588",
  last_seen: "2026-03-11 00:00:00 UTC",
  reference: "https://report.example/1",
  tags: ["CobaltStrike", "c2"],
};

const variants: readonly (readonly [string, JsonObject])[] = [
  ["a whole record", received],
  ["what is null", { ...received, last_seen: null, reference: null, malware_alias: null, tags: null }],
  ["a compromised host", { ...received, is_compromised: true }],
  ["an anonymous reporter", { ...received, reporter: "anonymous" }],
  ["no confidence", { ...received, confidence_level: null }],
  [
    "unknown malware",
    {
      ...received,
      malware: "unknown",
      malware_printable: "Unknown malware",
      malware_malpedia: "https://malpedia.caad.fkie.fraunhofer.de/details/unknown",
    },
  ],
];

describe("the record of the API, of the JSON export and of the CSV export are one", () => {
  test.each(variants)("%s", (_name, record) => {
    const id = String(record.id);
    expect(mapExportRecord(id, toJsonExport(record))).toEqual(record);
    expect(mapExportRecord(id, toCsvExport(record))).toEqual(record);
  });

  test.skipIf(!hasRealData(realFile))(`each of ${nameRealData("the 24 real records", realFile)}`, () => {
    const answer = z
      .object({ data: z.array(z.record(z.string(), z.json())) })
      .parse(JSON.parse(readFileSync(realFile, "utf8")));
    expect(answer.data).toHaveLength(24);
    for (const received of answer.data) {
      // The API had no such field in 2022.
      const record = { ...received, is_compromised: false };
      const id = String(received.id);
      expect(mapExportRecord(id, toJsonExport(record))).toEqual(record);
      expect(mapExportRecord(id, toCsvExport(record))).toEqual(record);
    }
  });
});

test("a record that tells nothing has every field of the API, empty", () => {
  const empty = {
    ioc: null,
    threat_type: null,
    threat_type_desc: null,
    ioc_type: null,
    ioc_type_desc: null,
    malware: null,
    malware_printable: null,
    malware_alias: null,
    malware_malpedia: null,
    confidence_level: null,
    first_seen: null,
    last_seen: null,
    reference: null,
    reporter: null,
    tags: null,
  };
  expect(mapExportRecord("7", {})).toEqual({ id: "7", ...empty });
  const columns = Object.keys(toCsvExport(received));
  expect(mapExportRecord("7", Object.fromEntries(columns.map((column) => [column, null])))).toEqual({
    id: "7",
    ...empty,
  });
});

test.each([
  [{ confidence_level: "100" }, { confidence_level: 100 }],
  [{ confidence_level: "high" }, { confidence_level: "high" }],
  [{ confidence_level: 49.5 }, { confidence_level: 49.5 }],
  [{ confidence_level: "49.5" }, { confidence_level: 49.5 }],
  [{ confidence_level: "-1" }, { confidence_level: -1 }],
  ...["075", "1e2", "NaN", "Infinity", ".5", "1.", "."].map((text): [JsonObject, JsonObject] => [
    { confidence_level: text },
    { confidence_level: text },
  ]),
  [{ first_seen_utc: "2026-03-10 07:19:39 UTC" }, { first_seen: "2026-03-10 07:19:39 UTC" }],
  [{ first_seen_utc: "yesterday" }, { first_seen: "yesterday" }],
  [{ tags: "a, b,,a" }, { tags: ["a", "b"] }],
  [{ tags: " , " }, { tags: null }],
  [{ tags: ["a", "b,c"] }, { tags: ["a", "b,c"] }],
  [{ tags: { a: 1 } }, { tags: { a: 1 } }],
  [{ fk_malware: "elf.mirai" }, { malware: "elf.mirai" }],
  [{ malware: "../x?y" }, { malware: "../x?y", malware_malpedia: null }],
  [
    { threat_type: "new_threat", ioc_type: "url" },
    { threat_type_desc: null, ioc_type_desc: null },
  ],
  [
    { threat_type: "payload", ioc_type: "new_hash" },
    { threat_type_desc: expect.stringContaining("(payload)"), ioc_type_desc: null },
  ],
  [{ is_compromised: "True" }, { is_compromised: true }],
  [{ is_compromised: 0, first_seen_utc: "2026-01-01 00:00:00" }, { is_compromised: false }],
  [{ is_compromised: "False", first_seen_utc: "2022-01-01 00:00:00" }, { is_compromised: false }],
  [{ is_compromised: 1, first_seen_utc: "2022-01-01 00:00:00" }, { is_compromised: true }],
  [{ is_compromised: "perhaps" }, { is_compromised: "perhaps" }],
  [{ anonymous: "1", reporter: null }, { reporter: "anonymous" }],
  [{ anonymous: "1", reporter: "" }, { reporter: "anonymous" }],
  [{ reporter: "None" }, { reporter: "None" }],
  [
    { reference: "", malware_alias: " ", tags: "", last_seen_utc: "", confidence_level: "" },
    { reference: "", malware_alias: " ", tags: null, last_seen: null, confidence_level: null },
  ],
  [
    { anonymous: 1, reporter: "somebody" },
    { reporter: "somebody", anonymous: true },
  ],
  [
    { anonymous: "partly", reporter: "x" },
    { reporter: "x", anonymous: "partly" },
  ],
  [{ ioc_value: 7 }, { ioc: 7 }],
  [
    { new_column: "x", other: null },
    { new_column: "x", other: null },
  ],
  [{ ioc_value: "a.example", ioc: "b.example" }, { ioc: "a.example" }],
])("%j is told as %j", (exported, told) => {
  expect(mapExportRecord("7", exported)).toMatchObject(told);
});

test.each([
  [{ is_compromised: null }, "is_compromised"],
  [{ is_compromised: "" }, "is_compromised"],
  [{ anonymous: 0 }, "anonymous"],
  [{ anonymous: "1", reporter: "anonymous" }, "anonymous"],
  [{ ioc_id: "8" }, "ioc_id"],
])("%j says nothing as %s", (exported, field) => {
  expect(mapExportRecord("7", exported)).not.toHaveProperty(field);
});

test("names that JavaScript treats in its own way are names", () => {
  const exported: JsonObject = JSON.parse(
    '{"ioc_value":"x","__proto__":{"a":1},"constructor":2,"$set":3,"a.b":4}',
  );
  const mapped = mapExportRecord("7", exported);
  expect(JSON.stringify(mapped)).toContain('"__proto__":{"a":1},"constructor":2,"$set":3,"a.b":4');
  expect(Object.getPrototypeOf(mapped)).toBe(Object.prototype);
});

test("whatever an export holds, nothing is thrown, nothing is changed, and the id is the given one", () => {
  const columns = Object.keys({ ...toCsvExport(received), ...toJsonExport(received) });
  const name = fc.oneof(fc.constantFrom(...columns, "__proto__", "toString", "id", "ioc"), fc.string());
  fc.assert(
    fc.property(fc.dictionary(name, fc.jsonValue()), (exported) => {
      const before = structuredClone(exported);
      expect(mapExportRecord("7", z.record(z.string(), z.json()).parse(exported)).id).toBe("7");
      expect(exported).toEqual(before);
    }),
    { seed: 20_261_126, numRuns: 1000 },
  );
});
