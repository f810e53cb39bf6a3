import { expect, test } from "vitest";
import { spellMongosh } from "./mongosh.js";

test("a query is spelled as people write it", () => {
  expect(
    spellMongosh({
      collection: "objects",
      filter: { "enriched.technique_id": /^T1059/i, removed_at: null, $or: [{ n: 1 }, { n: { $gt: 2.5 } }] },
      sort: { "enriched.technique_id": 1, n: -1 },
      limit: 5,
    }),
  ).toBe(
    'db.objects.find({ "enriched.technique_id": /^T1059/i, removed_at: null, $or: [{ n: 1 }, { n: { $gt: 2.5 } }] }).sort({ "enriched.technique_id": 1, n: -1 }).limit(5)',
  );
  expect(spellMongosh({ collection: "things", filter: {} })).toBe("db.things.find({})");
});

test.each([
  ["my-iocs", 'db.getCollection("my-iocs")'],
  ["my.iocs", 'db.getCollection("my.iocs")'],
  ["_iocs", 'db.getCollection("_iocs")'],
  ["2026", 'db.getCollection("2026")'],
  ["stats", 'db.getCollection("stats")'],
  ["getName", 'db.getCollection("getName")'],
  ["threatfox_raw", "db.threatfox_raw"],
])("the collection %s is %s", (collection, spelled) => {
  expect(spellMongosh({ collection, filter: {} })).toBe(`${spelled}.find({})`);
});

// What is copied is JavaScript: read back, it must be the same filter.
test.each<Readonly<Record<string, unknown>>>([
  { at: { $gte: new Date("2026-11-23T02:36:00.123Z") } },
  { path: /^https?:\/\/a\.b\/[/]x$/im },
  { name: 'quoted "name"\n\\ and \u2028', "a-b": true, "": false },
  { n: { $in: [-1, 0.5, 1e21, null, "1"] }, nested: { deep: { list: [[], {}] } } },
  { left: undefined, kept: 1 },
])("what is spelled reads back as it was: %j", (filter) => {
  const text = spellMongosh({ collection: "things", filter });
  const read = new Function("db", "ISODate", `return ${text}`);
  const found: unknown = read(
    { things: { find: (query: unknown) => query } },
    (date: string) => new Date(date),
  );
  expect(found).toEqual(filter);
});

test("a long number keeps all its digits", () => {
  expect(spellMongosh({ collection: "things", filter: { n: 9007199254740993n } })).toBe(
    'db.things.find({ n: NumberLong("9007199254740993") })',
  );
});
