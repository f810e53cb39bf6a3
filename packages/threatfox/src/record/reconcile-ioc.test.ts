import type { JsonObject, LoadDocument } from "@cti-connectors/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { toCsvExport } from "../testing/export-forms.js";
import { enrichIoc } from "./enrich-ioc.js";
import { iocRecord } from "./ioc-record.js";
import { type IocDocument, reconcileIoc } from "./reconcile-ioc.js";

/** What the query `ioc` tells of an IOC. */
const received: JsonObject = {
  id: "900001",
  ioc: "203.0.113.5:443",
  threat_type: "payload_delivery",
  threat_type_desc: "Indicator that identifies a malware distribution server",
  ioc_type: "ip:port",
  ioc_type_desc: "ip:port combination that delivers a malware payload",
  malware: "win.cobalt_strike",
  malware_printable: "Cobalt Strike",
  malware_alias: null,
  malware_malpedia: "https://malpedia.example/win.cobalt_strike",
  confidence_level: 75,
  first_seen: "2026-03-10 07:19:39 UTC",
  last_seen: "2026-03-11 00:00:00 UTC",
  reference: "",
  reporter: "abuse_ch",
  tags: ["RAT", "c2", "Example Co., Ltd."],
  comment: "Seen twice",
  credits: [{ credits_from: "ThreatFox", credits_amount: 5 }],
};

/** As exports tell of IOCs whose `is_compromised` is not told. */
const untold = { is_compromised: null };

function documentOf(raw: JsonObject): IocDocument & LoadDocument {
  const { id, data, source, ...rest } = iocRecord.parse(raw);
  return { collection: "iocs", _id: id, data, enriched: enrichIoc({ id, data, ...rest }), source };
}

const storedAs = (data: unknown) => ({ data, enriched: {} });
const exportOf = (changes: JsonObject) => documentOf({ ...toCsvExport(received), ...untold, ...changes });

describe("an export", () => {
  test("of the same record changes nothing", () => {
    expect(reconcileIoc(exportOf({}), storedAs(received)).data).toEqual(received);
  });

  test("that says in another spelling that a host is not compromised changes nothing", () => {
    for (const is_compromised of [false, 0, "false"]) {
      const stored = { ...received, is_compromised };
      expect(reconcileIoc(exportOf({ is_compromised: "False" }), storedAs(stored)).data).toEqual(stored);
    }
  });

  test.each<[JsonObject, JsonObject]>([
    [{ confidence_level: "100" }, { confidence_level: 100 }],
    [{ last_seen_utc: "2026-04-01 00:00:00" }, { last_seen: "2026-04-01 00:00:00 UTC" }],
    [{ tags: "RAT" }, { tags: ["RAT"] }],
    [{ tags: null }, { tags: null }],
    [{ reference: "https://report.example/1" }, { reference: "https://report.example/1" }],
    [{ is_compromised: "True" }, { is_compromised: true }],
    [{ is_compromised: "False" }, { is_compromised: false }],
    [{ new_column: "x" }, { new_column: "x" }],
    [{ anonymous: "1" }, { anonymous: true }],
  ])("that tells %j changes that, and keeps what only the API tells", (exported, changed) => {
    const { data, enriched } = reconcileIoc(exportOf(exported), storedAs(received));
    expect(data).toEqual({ ...received, ...changed });
    expect(enriched).toEqual(documentOf({ ...received, ...changed }).enriched);
  });

  test.each<[string, JsonObject]>([
    ["the order of tags", { tags: "c2,Example Co., Ltd.,RAT" }],
    ["an empty cell for null", { malware_alias: "" }],
    ["a number in digits", { confidence_level: " 75" }],
    ["no field for not told", { is_compromised: null }],
  ])("in another spelling is no change: %s", (_name, exported) => {
    expect(reconcileIoc(exportOf(exported), storedAs(received)).data).toEqual(received);
  });

  test.each<JsonObject>([{ last_seen_utc: "2026-03-10 08:00:00" }, { last_seen_utc: "" }])(
    "with an earlier last_seen (%j) only adds what is missing",
    (exported) => {
      const document = exportOf({
        ...exported,
        confidence_level: "50",
        tags: "old",
        malware_alias: "Agentemis",
      });
      expect(reconcileIoc(document, storedAs(received)).data).toEqual({
        ...received,
        malware_alias: "Agentemis",
      });
    },
  );

  test("says which IOC it is, even with an earlier last_seen than what is stored", () => {
    const stored = storedAs({ id: "900001", ioc: " ", last_seen: "2026-03-12 00:00:00 UTC" });
    expect(reconcileIoc(exportOf({}), stored)).toMatchObject({
      data: { id: "900001", ioc: "203.0.113.5:443", last_seen: "2026-03-12 00:00:00 UTC" },
      enriched: { indicator: { value: "203.0.113.5:443" } },
    });
  });

  test.each<[string, JsonObject]>([
    ["null", { malware_malpedia: null, ioc_type_desc: null, threat_type_desc: null }],
    ["not there", {}],
  ])("derives nothing of which the API says that it is %s", (_name, derived) => {
    const { malware_malpedia: _, ioc_type_desc: __, threat_type_desc: ___, ...others } = received;
    const told = { ...others, ...derived };
    expect(reconcileIoc(exportOf({}), storedAs(told)).data).toEqual(told);
  });

  test("of another malware derives its link anew", () => {
    const document = exportOf({ fk_malware: "elf.mirai", ioc_type: "new_type" });
    expect(reconcileIoc(document, storedAs(received)).data).toEqual({
      ...received,
      malware: "elf.mirai",
      malware_malpedia: "https://malpedia.caad.fkie.fraunhofer.de/details/elf.mirai",
      ioc_type: "new_type",
      ioc_type_desc: null,
    });
  });
});

describe("the API", () => {
  test("replaces what is stored, fields that went included", () => {
    const { comment: _, ...rest } = received;
    const newer = { ...rest, confidence_level: 100, tags: [] };
    expect(reconcileIoc(documentOf(newer), storedAs(received)).data).toEqual(newer);
  });

  test("in another order, or with null for missing, is no change", () => {
    const { malware_alias: _, ...rest } = received;
    const reordered = Object.fromEntries(Object.entries({ ...rest, later: null }).toReversed());
    expect(reconcileIoc(documentOf(reordered), storedAs(received)).data).toEqual(received);
    expect(reconcileIoc(documentOf(received), storedAs(reordered)).data).toEqual(reordered);
  });

  test("tells the words of its own in place of derived ones", () => {
    expect(reconcileIoc(documentOf(received), storedAs(exportOf({}).data)).data).toEqual(received);
  });

  test("that does not know yet of is_compromised leaves false, and nothing else", () => {
    const told = { ...received, is_compromised: false };
    expect(reconcileIoc(documentOf(received), storedAs(told)).data).toEqual(told);
    expect(reconcileIoc(documentOf(told), storedAs(received)).data).toEqual(told);
    const compromised = { ...received, is_compromised: true };
    expect(reconcileIoc(documentOf(received), storedAs(compromised)).data).toEqual(received);
  });

  test("leaves what only an export tells", () => {
    const stored = { ...received, anonymous: true };
    expect(reconcileIoc(documentOf({ ...received, confidence_level: 100 }), storedAs(stored)).data).toEqual({
      ...stored,
      confidence_level: 100,
    });
    const named = { ...received, reporter: "somebody" };
    expect(reconcileIoc(documentOf(named), storedAs(stored)).data).toEqual(named);
  });
});

test("what the driver reads back as an instance of its own is as it was received", () => {
  const link = { $ref: "a", $id: 1 };
  const stored = storedAs({ ...received, link: { toJSON: () => link } });
  expect(reconcileIoc(exportOf({}), stored).data).toEqual({ ...received, link });
});

test("what a transform adds newly is added without a change of data", () => {
  const { enriched } = reconcileIoc(documentOf(received), storedAs(received));
  expect(enriched).toEqual(documentOf(received).enriched);
});

const garbage = fc.oneof(
  fc.anything({ withDate: true, withBigInt: true, withNullPrototype: true }),
  fc.dictionary(
    fc.constantFrom(...Object.keys(received), "__proto__", "constructor", "toString"),
    fc.anything({ withDate: true, withBigInt: true }),
  ),
);

test("whatever is stored, the identity and the IOC are those of the record, and a second time changes nothing", () => {
  const raw = fc.oneof(
    fc.dictionary(fc.constantFrom(...Object.keys(received), "__proto__", "toString"), fc.jsonValue()),
    fc.dictionary(fc.constantFrom(...Object.keys(toCsvExport(received)), "toString"), fc.jsonValue()),
  );
  fc.assert(
    fc.property(raw, garbage, (odd, stored) => {
      const fields = z.record(z.string(), z.json()).parse(odd);
      const isExported = Object.keys(fields).some((name) => !(name in received));
      const identity: JsonObject = isExported
        ? { ioc_id: "1", ioc_value: "c2.example" }
        : { id: "1", ioc: "c2.example" };
      const document = documentOf({ ...fields, ...identity });
      const first = reconcileIoc(document, storedAs(stored));
      expect(first).toMatchObject({ _id: "1", collection: "iocs", data: { ioc: "c2.example" } });
      expect(reconcileIoc(document, first)).toEqual(first);
    }),
    { seed: 20_261_126, numRuns: 1000 },
  );
});
