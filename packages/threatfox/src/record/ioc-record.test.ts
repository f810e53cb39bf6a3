import { expect, test } from "vitest";
import { iocRecord } from "./ioc-record.js";

test("an id as string or number is the same record, and data stays as received", () => {
  const asString = { id: "841507", ioc: "c2.example", later: { field: [1, null] } };
  const asNumber = { ...asString, id: 841507 };
  expect(iocRecord.parse(asString)).toEqual({
    id: "841507",
    ioc: "c2.example",
    data: asString,
    source: "api",
  });
  expect(iocRecord.parse(asNumber)).toMatchObject({ id: "841507", data: asNumber });
});

test("a record of an export is read in the form of the API", () => {
  expect(iocRecord.parse({ ioc_id: 841507, ioc_value: "c2.example", fk_malware: "elf.mirai" })).toMatchObject(
    {
      id: "841507",
      ioc: "c2.example",
      data: { id: "841507", ioc: "c2.example", malware: "elf.mirai", tags: null },
      source: "export",
    },
  );
});

test("a record that holds an IOC under both names is the API's", () => {
  const both = { id: "1", ioc: "a.example", ioc_id: "2", ioc_value: "b.example" };
  expect(iocRecord.parse(both)).toEqual({ id: "1", ioc: "a.example", data: both, source: "api" });
});

test("missing, null and odd fields are no reason to refuse a record", () => {
  const odd = { id: "1", ioc: "c2.example", tags: "a", confidence_level: "?", first_seen: 5, ioc_type: null };
  expect(iocRecord.parse(odd).data).toBe(odd);
});

test("fields that JSON can hold and JavaScript treats in its own way stay", () => {
  const data: unknown = JSON.parse(
    '{"id":"1","ioc":"x","__proto__":{"a":1},"constructor":2,"$set":3,"a.b":4}',
  );
  expect(JSON.stringify(iocRecord.parse(data).data)).toBe(JSON.stringify(data));
});

test.each([
  [{ ioc: "c2.example" }, "id"],
  [{ id: null, ioc: "c2.example" }, "id"],
  [{ id: " ", ioc: "c2.example" }, "id"],
  [{ id: 1.5, ioc: "c2.example" }, "id"],
  [{ id: 2 ** 53, ioc: "c2.example" }, "id"],
  [{ id: -1, ioc: "c2.example" }, "id"],
  [{ id: "9".repeat(129), ioc: "c2.example" }, "id"],
  [{ id: ["1"], ioc: "c2.example" }, "id"],
  [{ id: "1" }, "ioc"],
  [{ id: "1", ioc: null }, "ioc"],
  [{ id: "1", ioc: 7 }, "ioc"],
  [{ id: "1", ioc: " " }, "ioc"],
  [{ ioc_value: "c2.example" }, "id"],
  [{ ioc_id: "1", ioc_value: null }, "ioc"],
  [{ ioc_id: "1", ioc_value: "" }, "ioc"],
  [{}, "id"],
  [[], ""],
  [null, ""],
  ["841507", ""],
  [7, ""],
])("%j is refused because of its %s", (raw, field) => {
  const result = iocRecord.safeParse(raw);
  expect(result.success).toBe(false);
  expect(result.error?.issues[0]?.path.join(".")).toBe(field);
  expect(result.error?.issues[0]?.message).toMatch(/must be|is empty/u);
});
