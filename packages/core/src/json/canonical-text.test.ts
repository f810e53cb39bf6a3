import fc from "fast-check";
import { configure } from "safe-stable-stringify";
import { describe, expect, test } from "vitest";
import { canonicalText, canonicalTextWithDates } from "./canonical-text.js";

const stringify = configure({ deterministic: true });

const written: readonly (readonly [value: unknown, text: string])[] = [
  [undefined, ""],
  [null, "null"],
  [-0, "0"],
  [Number.NaN, "null"],
  [12n, "12"],
  ['"\\\n\u0000\ud800😀é', String.raw`"\"\\\n\u0000\ud800😀é"`],
  [[undefined, () => 1, []], "[null,null,[]]"],
  [{ b: undefined, a: { 10: 1, 9: 2, é: 3, Z: 4 } }, '{"a":{"10":1,"9":2,"Z":4,"é":3}}'],
  [JSON.parse('{"__proto__":{"b":1,"a":2}}'), '{"__proto__":{"a":2,"b":1}}'],
  [new Date(1_764_547_200_000), '"2025-12-01T00:00:00.000Z"'],
  [new Map([["a", 1]]), "{}"],
  [Object.assign(Object.create({ inherited: 1 }), { own: 1 }), '{"own":1}'],
  [{ toJSON: () => ({ b: 1, a: 2 }) }, '{"a":2,"b":1}'],
];

test("writes what JSON has, names in order", () => {
  expect(written.map(([value]) => canonicalText(value))).toEqual(written.map(([, text]) => text));
});

test("tags dates, also such as cannot be written", () => {
  const dates = { at: [new Date(1), "1"], never: new Date(Number.NaN) };
  expect(canonicalTextWithDates(dates)).toBe('{"at":[{"$date":1},"1"],"never":{"$date":null}}');
});

test("writes circles, and what is nested deeply", () => {
  const circle: Record<string, unknown> = { name: "a" };
  circle.self = [circle, circle];
  expect(canonicalText(circle)).toBe('{"name":"a","self":["[Circular]","[Circular]"]}');
  const deep = JSON.parse(`${'{"b":1,"a":['.repeat(300)}${"]}".repeat(300)}`);
  expect(canonicalText(deep)).toBe(stringify(deep));
});

describe("as safe-stable-stringify writes it", () => {
  const anything = fc.anything({
    withDate: true,
    withNullPrototype: true,
    withTypedArray: true,
    withBigInt: true,
    withMap: true,
    withSparseArray: true,
  });
  const options = { seed: 20_261_128, numRuns: 1_000 };

  test("any value", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), anything), (value) => {
        expect(canonicalText(value)).toBe(stringify(value) ?? "");
      }),
      options,
    );
  });

  test("any value with dates, tagged", () => {
    const dated = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.date({ noInvalidDate: false }).map((at) => ({ at, tagged: { $date: at.getTime() } })),
        fc.array(tie("value")),
        fc.dictionary(fc.string(), tie("value")),
      ),
    })).value;
    fc.assert(
      fc.property(dated, (value) => {
        expect(canonicalTextWithDates(pick(value, "at"))).toBe(stringify(pick(value, "tagged")));
      }),
      options,
    );
  });

  test("an object of hundreds of names", () => {
    const names = Array.from({ length: 300 }, (_, index) => `${(index * 7919) % 300}`);
    const object = Object.fromEntries(names.map((name) => [`n${name}`, name]));
    expect(canonicalText(object)).toBe(stringify(object));
  });
});

/** The value with one of the two forms of each date. */
function pick(value: unknown, form: "at" | "tagged"): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => pick(item, form));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if ("at" in value && "tagged" in value) {
    return value[form];
  }
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, pick(field, form)]));
}
