import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TaxiiRefusal } from "../protocol/taxii-refusal.js";
import { writeToken } from "./next-token.js";
import { parsePageQuery } from "./parse-page-query.js";

const place = { root: "/api/", collection: "c" };
const sizes = { default: 100, max: 1000 };
const parse = (query: string, more = {}) =>
  parsePageQuery(new URLSearchParams(query), { ...place, ...more }, sizes);

function statusOf(query: string): number {
  try {
    parse(query);
    return 200;
  } catch (error) {
    return error instanceof TaxiiRefusal ? error.answer.status : 500;
  }
}

describe("a filter", () => {
  const last = { first: false, last: true, timestamps: [] };

  test.each([
    ["", { versions: last }],
    ["unknown=1&MATCH[type]=a&match=b&match[=c", { versions: last }],
    ["added_after=2026-01-31T12:00:00Z", { addedAfter: "2026-01-31T12:00:00.000000Z", versions: last }],
    ["match[id]=a--1, b--2,,", { ids: ["a--1", "b--2"], versions: last }],
    ["match[type]=tool,x-mitre-collection", { types: ["tool", "x-mitre-collection"], versions: last }],
    ["match[spec_version]=2.0,2.1", { specVersions: ["2.0", "2.1"], versions: last }],
    ["match[type]=&match[id]=,", { versions: last }],
    ["match[version]=all", { versions: "all" }],
    ["match[version]=first,last", { versions: { first: true, last: true, timestamps: [] } }],
    [
      "match[version]=2026-01-31T12:00:00.5Z",
      { versions: { first: false, last: false, timestamps: ["2026-01-31T12:00:00.500000Z"] } },
    ],
    ["match%5Btype%5D=tool%2Cmalware", { types: ["tool", "malware"], versions: last }],
  ])("is read from %j", (query, filter) => {
    expect(parse(query)).toEqual({ ...place, filter, limit: 100 });
  });

  test("has the object of the path for its id, and all versions of it where they are asked for", () => {
    const query = "match[id]=a--1&match[version]=first";
    expect(parse(query, { object: "b--2" }).filter).toMatchObject({
      ids: ["b--2"],
      versions: { first: true },
    });
    expect(parse(query, { object: "b--2", versions: true }).filter.versions).toBe("all");
    expect(() => parse("", { object: "b\n2" })).toThrow(/not the id/);
  });
});

test.each([
  ["", 100],
  ["limit=1", 1],
  ["limit=0010", 10],
  ["limit=1000", 1000],
  ["limit=1001", 1000],
  [`limit=${"9".repeat(400)}`, 1000],
])("the limit of %j is %d", (query, limit) => {
  expect(parse(query).limit).toBe(limit);
});

test.each([
  "limit=",
  "limit=0",
  "limit=00",
  "limit=-1",
  "limit=%2B1",
  "limit=1.5",
  "limit=1e3",
  "limit=0x10",
  "limit=many",
  "limit=%201",
  "limit=1&limit=1",
  "next=",
  "next=1",
  "next=..%2F..",
  "next=%00",
  "next=a&next=a",
  "added_after=",
  "added_after=yesterday",
  "added_after=2026-01-31",
  "added_after=1769860800",
  "added_after=2026-02-30T00:00:00Z",
  "added_after=2026-01-31T12:00:00Z,2026-01-31T12:00:00Z",
  "added_after=2026-01-31T12:00:00Z&added_after=2026-01-31T12:00:00Z",
  "match[name]=x",
  "match[]=x",
  "match[id][]=x",
  "match[ID]=x",
  "match[$where]=1",
  "match[a%0Ab]=1",
  "match[__proto__]=1",
  "match[constructor]=1",
  "match[id]=a&match[id]=b",
  "match[id]=a%20b",
  "match[id]=a%00b",
  `match[id]=${"a".repeat(351)}`,
  "match[type]=a.b",
  "match[type]=$ne",
  "match[type]={}",
  "match[type]=mal ware",
  "match[type]=tool&match[type]=tool",
  "match[spec_version]=2",
  "match[spec_version]=two",
  "match[spec_version]=2.1.0",
  "match[version]=all,last",
  "match[version]=newest",
  "match[version]=2026-01-31",
  "match[version]=all&match[version]=all",
])("%j is a bad request", (query) => {
  expect(statusOf(query)).toBe(400);
});

describe("next", () => {
  const query = "match[type]=tool&match[version]=all";
  const tokenOf = (position: string) => writeToken(parse(query), position);
  const anyPosition = fc.string({ unit: "binary", minLength: 1 });

  test("brings a position back, with any limit, and in the same words each time", () => {
    fc.assert(
      fc.property(anyPosition, fc.integer({ min: 1, max: 1000 }), (position, limit) => {
        const token = tokenOf(position);
        expect(token).toMatch(/^[\w-]+$/);
        expect(parse(`${query}&limit=${limit}&next=${token}`)).toMatchObject({ limit, after: position });
        expect(tokenOf(position)).toBe(token);
      }),
      { seed: 20_261_128 },
    );
  });

  test("is refused with another filter, another collection and another API root", () => {
    const token = tokenOf("5");
    for (const other of [
      "match[type]=tool",
      "match[version]=all",
      `${query}&added_after=2026-01-31T12:00:00Z`,
    ]) {
      expect(() => parse(`${other}&next=${token}`)).toThrow(/not issued for this filter/);
    }
    for (const other of [{ collection: "d" }, { root: "/api/2/" }, { object: "a--1" }]) {
      expect(() => parse(`${query}&next=${token}`, other)).toThrow(/not issued for this filter/);
    }
    // The same filter in other words.
    expect(parse(`match[version]=all&match[type]=tool,&next=${token}`).after).toBe("5");
  });

  test("is refused where any of its characters is another, is missing or comes twice", () => {
    fc.assert(
      fc.property(anyPosition, fc.nat(), fc.string(), (position, at, replacement) => {
        const token = tokenOf(position);
        const index = at % token.length;
        const changed = token.slice(0, index) + replacement + token.slice(index + 1);
        fc.pre(changed !== token);
        expect(statusOf(`${query}&next=${encodeURIComponent(changed)}`)).toBe(400);
      }),
      { seed: 20_261_128 },
    );
  });
});
