import fc from "fast-check";
import { Decimal128, type Document, Double, Int32, Long, ObjectId } from "mongodb";

/*
 * Random expressions over the documents of `random-documents.ts`. They are typed, so that most have a value: where a
 * number is expected, there mostly is one, or null, or nothing.
 */

/** Expressions by the type of their value. */
export interface Expressions {
  readonly number: fc.Arbitrary<unknown>;
  readonly decimal: fc.Arbitrary<unknown>;
  readonly text: fc.Arbitrary<unknown>;
  readonly date: fc.Arbitrary<unknown>;
  readonly bool: fc.Arbitrary<unknown>;
  readonly numbers: fc.Arbitrary<unknown>;
  readonly texts: fc.Arbitrary<unknown>;
  readonly document: fc.Arbitrary<unknown>;
  readonly documents: fc.Arbitrary<unknown>;
  readonly any: fc.Arbitrary<unknown>;
  /** Where a value may be refused. Not used within others, because SecantusDB computes operands behind a null one. */
  readonly fallible: fc.Arbitrary<unknown>;
}

type Type = Exclude<keyof Expressions, "fallible">;

/** Variables that an expression may use, by their type. */
export type Variables = Partial<Record<Type, readonly string[]>>;

export const numberValue = fc.constantFrom<unknown>(
  new Int32(0),
  new Int32(1),
  new Int32(2),
  new Int32(-3),
  new Int32(2_147_483_647),
  Long.fromNumber(2),
  Long.fromString("9007199254740993"),
  Long.fromString("9223372036854775807"),
  Long.fromString("-9223372036854775808"),
  new Double(1),
  new Double(0.1),
  new Double(-2.5),
  new Double(1e300),
  new Double(Number.NaN),
  new Double(Number.POSITIVE_INFINITY),
  new Double(-0),
);

/** Apart from doubles: SecantusDB converts a double to a Decimal128 with other digits than MongoDB. */
export const decimalValue = fc.constantFrom<unknown>(
  Decimal128.fromString("0.7"),
  Decimal128.fromString("2.50"),
  Decimal128.fromString("-7"),
  Decimal128.fromString("1E+3"),
  Decimal128.fromString("-12345678901234567890123456"),
  new Int32(3),
  Long.fromNumber(-9_007),
);

export const textValue = fc.constantFrom(
  "",
  "a",
  "Ab,c",
  " x ",
  "12",
  "-1.5",
  "Äöß",
  "🦊 fox",
  "a.b-a.b",
  "T1059.001",
  "2022-08-01T10:20:30.456Z",
  "507f1f77bcf86cd799439011",
);

export const dateValue = fc.constantFrom(
  new Date(0),
  new Date("2022-08-01T10:20:30.456Z"),
  new Date("2024-02-29T23:59:59.999Z"),
  new Date("1969-12-31T23:59:59.500Z"),
  new Date("2021-03-28T01:30:00Z"),
);

const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "+05:30", "-0730");
const objectId = new ObjectId("507f1f77bcf86cd799439011");

/** SecantusDB rounds once, when a product of longs overflows. */
const factor = fc.constantFrom<unknown>(
  new Int32(2),
  Long.fromNumber(3),
  new Double(0.1),
  new Int32(1),
  null,
);

/** Numbers with exact sums: SecantusDB adds doubles without compensated summation. */
export const small = fc.constantFrom<unknown>(
  new Int32(2),
  Long.fromNumber(2_147_483_647),
  new Double(-2.5),
  "$_id",
  "$none",
  { $month: "$d" },
  { $size: { $ifNull: ["$q", []] } },
  { $cmp: ["$n", "$m"] },
);

/** A small int. */
const position = fc.constantFrom<unknown>(0, 1, 2, -1, -2, 5, Long.fromNumber(1), new Double(1));

const leaves: Omit<Expressions, "fallible"> = {
  number: fc.oneof(
    { weight: 2, arbitrary: numberValue },
    { weight: 3, arbitrary: fc.constantFrom("$n", "$m", "$o.n", "$_id", "$none", "$1") },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  decimal: fc.oneof(
    { weight: 2, arbitrary: decimalValue },
    { weight: 3, arbitrary: fc.constantFrom("$e", "$o.e", "$none") },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  text: fc.oneof(
    { weight: 2, arbitrary: textValue },
    { weight: 3, arbitrary: fc.constantFrom("$s", "$t", "$o.s", "$none") },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  date: fc.oneof(
    { weight: 2, arbitrary: dateValue },
    { weight: 3, arbitrary: fc.constantFrom("$d", "$none") },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  bool: fc.constantFrom<unknown>("$g", true, false, "$n", "$x", "$none", null),
  numbers: fc.constantFrom<unknown>("$l", "$l", [1, new Double(2.5), null], [], "$none", null),
  texts: fc.constantFrom<unknown>("$p", "$p", ["a", "b", "a"], [], null),
  document: fc.constantFrom<unknown>("$o", "$o.o", "$$ROOT", {}, { $literal: { b: 1, a: "$x" } }, "$none"),
  documents: fc.constantFrom<unknown>("$q", "$q", ["$o", "$o.o"], [], null),
  any: fc.constantFrom<unknown>("$x", "$y", "$q", "$o", "$o.q.n", "$none", "$$REMOVE", "$10"),
};

function operator(name: string, ...operands: fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown> {
  return fc.tuple(...operands).map((argument) => ({ [name]: argument }));
}

/** `{ $op: a }` and `{ $op: [a] }` */
function unary(name: string, operand: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(operand, fc.boolean()).map(([one, inList]) => ({
    [name]: inList || Array.isArray(one) ? [one] : one,
  }));
}

function operands(name: string, operand: fc.Arbitrary<unknown>, minLength = 0, maxLength = 3) {
  return fc.array(operand, { minLength, maxLength }).map((argument): unknown => ({ [name]: argument }));
}

function named(
  name: string,
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<unknown> {
  return fc
    .record({ ...required, ...optional }, { requiredKeys: Object.keys(required) })
    .map((argument): unknown => ({ [name]: { ...argument } }));
}

/** Operators whose value has the type of an operand. */
function choices(type: Type, inner: Expressions, depth: number, variables: Variables): fc.Arbitrary<unknown> {
  const one = inner[type];
  const withVariable = expressions(depth - 1, { ...variables, [type]: [...(variables[type] ?? []), "v"] });
  // biome-ignore lint/suspicious/noThenProperty: MongoDB gave the field this name
  const branch = fc.record({ case: inner.bool, then: one });
  return fc.oneof(
    operator("$cond", inner.bool, one, one),
    // biome-ignore lint/suspicious/noThenProperty: MongoDB gave the field this name
    named("$cond", { if: inner.bool, then: one, else: one }),
    operands("$ifNull", one, 2),
    named("$switch", {
      branches: fc.array(branch, { minLength: 1, maxLength: 2 }),
      default: one,
    }),
    fc
      .tuple(one, withVariable[type])
      .map(([value, body]) => ({ $let: { vars: { v: present(value) }, in: body } })),
  );
}

/** Operators that take an item of an array, or an array of such items. */
function elementsOf(list: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .oneof(operator("$arrayElemAt", list, position), unary("$first", list), unary("$last", list))
    .map(present);
}

function listsOf(type: Type, items: Type, depth: number, variables: Variables): fc.Arbitrary<unknown> {
  const inner = expressions(depth - 1, variables);
  const using = (name: string) =>
    expressions(depth - 1, { ...variables, [items]: [...(variables[items] ?? []), name] });
  return fc.oneof(
    fc.array(inner[items], { maxLength: 3 }),
    operands("$concatArrays", inner[type]),
    operator("$slice", inner[type], position),
    operator("$slice", inner[type], position, fc.constantFrom(1, 2, 7)),
    named("$filter", { input: inner[type], cond: using("this").bool }, { limit: fc.constantFrom(1, 2) }),
    named("$filter", { input: inner[type], as: fc.constant("i"), cond: using("i").bool }),
    named("$map", { input: inner[type], in: using("this")[items] }),
    named("$map", { input: inner[type], as: fc.constant("i"), in: using("i")[items] }),
  );
}

function reduced(list: Type, items: Type, depth: number, variables: Variables): fc.Arbitrary<unknown> {
  const inner = expressions(depth - 1, variables);
  const body = expressions(depth - 1, {
    ...variables,
    [items]: [...(variables[items] ?? []), "this", "value"],
  });
  return named("$reduce", { input: inner[list], initialValue: inner[items], in: body[items] }).map(present);
}

/** SecantusDB divides longs, and not the doubles of them. */
function asDouble(number: unknown): unknown {
  return { $multiply: [number, new Double(1)] };
}

function decimals({ decimal }: Expressions): fc.Arbitrary<unknown>[] {
  return [
    operands("$add", decimal, 1),
    operator("$subtract", leaves.decimal, leaves.decimal),
    operands("$multiply", leaves.decimal, 1),
    operator(
      "$divide",
      decimal,
      fc.constantFrom(Decimal128.fromString("0.3"), Decimal128.fromString("-2E-7")),
    ),
    ...["$sum", "$min", "$max"].map((name) => operands(name, decimal, 1)),
    fc
      .tuple(decimal, decimal)
      .map(([one, two]): unknown => ({ $avg: [Decimal128.fromString("3.0"), one, two] })),
    operator("$arrayElemAt", fc.array(decimal, { minLength: 1, maxLength: 2 }), fc.constantFrom(0, -1)).map(
      present,
    ),
  ];
}

function numbers(inner: Expressions): fc.Arbitrary<unknown>[] {
  const { number, text, date, any, numbers: list } = inner;
  const part = fc.constantFrom("$year", "$month", "$dayOfMonth", "$dayOfWeek", "$hour", "$minute");
  return [
    operands("$add", number, 1),
    operator("$subtract", number, number),
    operator("$subtract", date, date),
    operator("$multiply", number, factor),
    operands("$multiply", fc.oneof(factor, fc.constant("$_id")), 1),
    operator("$divide", number.map(asDouble), fc.constantFrom<unknown>(new Int32(3), new Double(-0.1), null)),
    ...["$min", "$max"].flatMap((name) => [
      operands(name, number, 1),
      list.map((argument): unknown => ({ [name]: argument })),
    ]),
    operands("$sum", fc.oneof({ weight: 4, arbitrary: small }, text)),
    operands("$avg", fc.oneof({ weight: 4, arbitrary: small }, text), 1),
    list.map((input): unknown => ({ $sum: { $map: { input, in: { $cmp: ["$$this", 1] } } } })),
    unary(
      "$strLenCP",
      text.map((one) => withDefault(one, "")),
    ),
    unary(
      "$size",
      inner.documents.map((one) => withDefault(one, [])),
    ),
    unary(
      "$size",
      list.map((one) => withDefault(one, [])),
    ),
    operator("$cmp", leaves.any, any),
    operator("$cmp", number, fc.oneof(number, inner.decimal)),
    unary(
      "$toInt",
      fc.constantFrom<unknown>("12", new Double(-2.5), Long.fromNumber(7), "$_id", "$none", true),
    ),
    unary("$toLong", fc.oneof(fc.constantFrom<unknown>("-12", new Double(2.9), "$_id"), date)),
    unary(
      "$toDouble",
      fc.oneof(fc.constantFrom<unknown>("1.5", "-3e2", "$_id"), number, inner.decimal, date),
    ),
    fc
      .tuple(part, unary("$op", fc.oneof(date, fc.constant(objectId))))
      .map(([name, one]): unknown => ({ [name]: Object.values(Object(one))[0] })),
    fc.tuple(part, date, zone).map(([name, one, timezone]): unknown => ({ [name]: { date: one, timezone } })),
    elementsOf(list),
  ];
}

/** SecantusDB loses a missing value in a variable or an array, so it is replaced by null. */
function present(expression: unknown): unknown {
  return withDefault(expression, null);
}

function withDefault(expression: unknown, otherwise: unknown): unknown {
  return { $ifNull: [expression, otherwise] };
}

/** What may be refused depends on a document, because ours refuses no constant before a document needs it. */
function fallibles(inner: Expressions): fc.Arbitrary<unknown>[] {
  const { number, decimal, text, date, any } = inner;
  const late = (operand: fc.Arbitrary<unknown>) =>
    operand.map((one): unknown => ({ $ifNull: ["$none", one] }));
  return [
    operator("$divide", late(number.map(asDouble)), late(number.map(asDouble))),
    operator("$divide", late(decimal), late(decimal)),
    unary("$toInt", late(fc.oneof(number, decimal, text))),
    unary("$toLong", late(fc.oneof(number, decimal, text, date))),
    unary("$toDouble", late(text)),
    unary("$toObjectId", late(text)),
    unary("$toDate", late(textValue)),
    fc
      .tuple(fc.constantFrom("$add", "$multiply", "$concat", "$concatArrays"), late(any))
      .map(([name, one]): unknown => ({ [name]: [one] })),
    fc
      .tuple(fc.constantFrom("$size", "$strLenCP", "$toUpper", "$year", "$trim", "$mergeObjects"), late(any))
      .map(([name, one]): unknown => ({ [name]: one })),
    fc
      .tuple(
        fc.constantFrom("$subtract", "$divide", "$in"),
        late(any),
        late(fc.oneof(inner.text, inner.date)),
      )
      .map(([name, one, two]): unknown => ({ [name]: [one, two] })),
    fc
      .tuple(fc.constantFrom("$arrayElemAt", "$slice"), late(any), position)
      .map(([name, one, at]): unknown => present({ [name]: [one, at] })),
    operator("$split", late(any), fc.constantFrom("", "a")),
    fc.constantFrom<unknown>({ $ifNull: ["$n"] }, { $cond: ["$n", 1] }, { $map: { in: 1 } }, "$$none", {
      $nope: 1,
    }),
  ];
}

function texts(inner: Expressions): fc.Arbitrary<unknown>[] {
  const { text, number, date, any } = inner;
  return [
    operands("$concat", text),
    unary("$toLower", text),
    unary("$toUpper", text),
    named("$trim", { input: text }, { chars: fc.constantFrom("a", " x", "🦊") }),
    operator("$substrCP", text, fc.constantFrom(0, 1, 3, 20), fc.constantFrom(0, 1, 4, 100)),
    named("$replaceAll", { input: text, find: fc.constantFrom("a", ".", "🦊"), replacement: text }),
    unary("$toString", fc.oneof(number, inner.decimal, date, text, fc.constantFrom("$g", true))),
    unary("$type", leaves.any),
    unary("$type", any.map(present)),
    named("$dateToString", { date }),
    named(
      "$dateToString",
      {
        date,
        format: fc.constantFrom("%Y-%m-%dT%H:%M:%S.%LZ", "%d.%m.%Y %j %u %w %U %V %G %% %z %Z", "", "%b %B"),
      },
      {
        timezone: zone,
      },
    ),
    elementsOf(inner.texts),
  ];
}

function dates(inner: Expressions): fc.Arbitrary<unknown>[] {
  const { date } = inner;
  return [
    unary(
      "$toDate",
      fc.oneof(date, fc.constantFrom("2022-08-01", "2022-08-01T10:20:30+02:00", Long.fromNumber(86_400_000))),
    ),
    named(
      "$dateTrunc",
      {
        date,
        unit: fc.constantFrom(
          "year",
          "quarter",
          "month",
          "week",
          "day",
          "hour",
          "minute",
          "second",
          "millisecond",
        ),
      },
      {
        binSize: fc.constantFrom(1, 2, 7),
        timezone: zone,
        startOfWeek: fc.constantFrom("monday", "sun", "FRIDAY"),
      },
    ),
    operator(
      "$add",
      date,
      fc.constantFrom<unknown>(1, new Double(2), -86_400_000, Long.fromNumber(1_000), null),
    ),
    operator("$subtract", date, fc.constantFrom<unknown>(1, new Double(2), -86_400_000, null)),
    operands("$max", date, 1),
  ];
}

/** SecantusDB ignores the order of fields in computed documents: at most one of two is computed. */
function bools(inner: Expressions): fc.Arbitrary<unknown>[] {
  const { any, number, text, bool } = inner;
  const comparison = fc.constantFrom("$eq", "$ne", "$gt", "$gte", "$lt", "$lte");
  const pair = fc.oneof(
    fc.tuple(leaves.any, any),
    fc.tuple(number, fc.oneof(number, inner.decimal)),
    fc.tuple(text, text),
    fc.tuple(inner.date, inner.date),
    fc.tuple(leaves.document, leaves.document),
    fc.tuple(inner.numbers, inner.numbers),
  );
  return [
    fc.tuple(comparison, pair).map(([name, argument]): unknown => ({ [name]: argument })),
    operands("$and", bool),
    operands("$or", bool),
    unary(
      "$not",
      any.filter((one) => !Array.isArray(one)),
    ),
    unary("$not", bool),
    operator(
      "$in",
      number.map(present),
      inner.numbers.map((one) => withDefault(one, [])),
    ),
    operator("$in", leaves.any.map(present), fc.array(any.map(present), { maxLength: 3 })),
    unary("$isArray", any),
    named("$regexMatch", {
      input: text,
      regex: fc.constantFrom<unknown>("a", "^\\w+\\.", /B/i, "[äÖ]", "^$"),
    }),
    unary("$toBool", fc.oneof(number, inner.decimal, text, inner.date, bool)),
  ];
}

function documents(inner: Expressions): fc.Arbitrary<unknown>[] {
  return [
    fc.record<Document>({ b: inner.number, a: inner.any, "2": inner.text }, { requiredKeys: ["b"] }),
    operands("$mergeObjects", inner.document, 1),
    inner.documents.map((one): unknown => ({ $mergeObjects: one })),
    elementsOf(inner.documents),
  ];
}

const made = new Map<string, Expressions>();

/**
 * Random expressions by type.
 *
 * @param depth how deep operators may be nested
 */
export function expressions(depth: number, variables: Variables = {}): Expressions {
  const key = JSON.stringify([depth, variables]);
  const known = made.get(key) ?? makeExpressions(depth, variables);
  made.set(key, known);
  return known;
}

function makeExpressions(depth: number, variables: Variables): Expressions {
  const leaf = (type: Type): fc.Arbitrary<unknown> => {
    const names = variables[type] ?? [];
    return names.length === 0
      ? leaves[type]
      : fc.oneof(leaves[type], fc.constantFrom(...names.map((name) => `$$${name}`)));
  };
  if (depth <= 0) {
    return {
      number: leaf("number"),
      decimal: leaf("decimal"),
      text: leaf("text"),
      date: leaf("date"),
      bool: leaf("bool"),
      numbers: leaf("numbers"),
      texts: leaf("texts"),
      document: leaf("document"),
      documents: leaf("documents"),
      any: leaf("any"),
      fallible: leaf("number"),
    };
  }
  const inner = expressions(depth - 1, variables);
  const either = (type: Type, make: () => fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown> =>
    fc.oneof(
      { weight: 2, arbitrary: leaf(type) },
      { weight: 5, arbitrary: lazily(() => fc.oneof(...make())) },
      { weight: 1, arbitrary: lazily(() => choices(type, inner, depth, variables)) },
    );
  return {
    number: either("number", () => [...numbers(inner), reduced("numbers", "number", depth, variables)]),
    decimal: either("decimal", () => decimals(inner)),
    text: either("text", () => [...texts(inner), reduced("texts", "text", depth, variables)]),
    date: either("date", () => dates(inner)),
    bool: either("bool", () => bools(inner)),
    numbers: either("numbers", () => [listsOf("numbers", "number", depth, variables)]),
    texts: either("texts", () => [
      listsOf("texts", "text", depth, variables),
      operator("$split", inner.text, fc.constantFrom(",", ".", "a", "-")),
    ]),
    document: either("document", () => documents(inner)),
    documents: either("documents", () => [listsOf("documents", "document", depth, variables)]),
    any: fc.oneof(
      ...(
        ["number", "decimal", "text", "date", "bool", "numbers", "texts", "document", "documents"] as const
      ).map((type) => inner[type]),
      { weight: 4, arbitrary: leaf("any") },
      fc
        .tuple(fc.constantFrom("$min", "$max"), fc.array(leaf("any"), { minLength: 1, maxLength: 3 }))
        .map(([name, argument]): unknown => ({ [name]: argument })),
    ),
    fallible: lazily(() => fc.oneof(...fallibles(inner))),
  };
}

/** Made when first used: most combinations of variables never are. */
function lazily(make: () => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  let arbitrary: fc.Arbitrary<unknown> | undefined;
  return fc.constant(null).chain(() => {
    arbitrary ??= make();
    return arbitrary;
  });
}
