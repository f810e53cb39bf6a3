import { Decimal128, Double, Int32, Long } from "bson";
import { describe, expect, test } from "vitest";
import { encode, encodeValue } from "../bson/raw-value.js";
import { expressionContext } from "../expressions/compile-expression.js";
import { PAUSE, withoutPauses } from "../records/pause.js";
import { describeStages } from "../testing/tables/stage-table.js";
import { compileStages } from "./compile-pipeline.js";
import { runStages } from "./stage.js";

const documents = [
  { _id: 1, v: 3, t: "x" },
  { _id: 2, v: Long.fromNumber(1), t: "y" },
  { _id: 3, v: null },
  { _id: 4 },
  { _id: 5, v: "a" },
  { _id: 6, v: [0, 9] },
];
const ids = (...found: number[]) => found.map((_id) => ({ _id }));
const onlyId = { $project: { _id: 1 } };

describeStages("$match", documents, [
  ["everything", [{ $match: {} }, onlyId], ids(1, 2, 3, 4, 5, 6)],
  ["by value", [{ $match: { v: { $gte: 1 } } }, onlyId], ids(1, 2, 6)],
  ["null and missing", [{ $match: { v: null } }, onlyId], ids(3, 4)],
  ["an expression", [{ $match: { $expr: { $gt: ["$v", 2] } } }, onlyId], ids(1, 5, 6)],
  ["an expression beside a condition", [{ $match: { t: "y", $expr: "$v" } }, onlyId], ids(2)],
  ["a value", [{ $match: 5 }], { refused: 15959 }],
  ["an unknown operator", [{ $match: { v: { $nope: 1 } } }], { refused: 2 }],
  [
    "an expression within an array's elements",
    [{ $match: { v: { $elemMatch: { $expr: true } } } }],
    { refused: 2 },
  ],
]);

describe("$match with $expr alone", () => {
  test.each<[unknown, boolean]>([
    [new Int32(0), false],
    [new Double(-0), false],
    [Decimal128.fromString("0E+3"), false],
    [Decimal128.fromString("0.1"), true],
    [Decimal128.fromString("NaN"), true],
    [new Double(Number.NaN), true],
    [Long.ZERO, false],
    ["", true],
    [[], true],
    [null, false],
    [false, false],
  ])("%o is %s", (v, truth) => {
    const stages = compileStages([encodeValue({ $match: { $expr: "$v" } })], {
      expressions: expressionContext(),
      find: () => [],
    });
    expect([...runStages([encode({ v })], stages, undefined)]).toHaveLength(truth ? 1 : 0);
  });
});

describeStages("$sort", documents, [
  ["ascending, by type and value", [{ $sort: { v: 1, _id: -1 } }, onlyId], ids(4, 3, 6, 2, 1, 5)],
  ["descending: an array by its greatest", [{ $sort: { v: -1, _id: 1 } }, onlyId], ids(5, 6, 1, 2, 3, 4)],
  ["and a limit", [{ $sort: { _id: -1 } }, { $limit: 2 }, onlyId], ids(6, 5)],
  ["and a skip and a limit", [{ $sort: { _id: -1 } }, { $skip: 1 }, { $limit: 2 }, onlyId], ids(5, 4)],
  ["and a limit, then a skip", [{ $sort: { _id: -1 } }, { $limit: 2 }, { $skip: 1 }, onlyId], ids(5)],
  [
    "and a limit after a $match",
    [{ $sort: { _id: -1 } }, { $match: { _id: { $lt: 3 } } }, { $limit: 1 }, onlyId],
    ids(2),
  ],
  [
    "directions of other types",
    [{ $sort: { none: Long.fromNumber(1), _id: Decimal128.fromString("-1") } }, { $limit: 2 }, onlyId],
    ids(6, 5),
  ],
  ["a direction of null", [{ $sort: { v: null } }], { refused: 15974 }],
  ["by nothing", [{ $sort: {} }], { refused: 15976 }],
  ["a text", [{ $sort: "v" }], { refused: 15973 }],
  ["neither up nor down", [{ $sort: { v: 5 } }], { refused: 15975 }],
  ["a direction that is not a number", [{ $sort: { v: "up" } }], { refused: 15974 }],
]);

describeStages("$skip and $limit", documents, [
  ["skip", [{ $skip: 4 }, onlyId], ids(5, 6)],
  ["skip nothing, skip all", [{ $skip: 0 }, { $skip: Long.fromNumber(6) }], []],
  ["limit", [{ $limit: new Double(2) }, onlyId], ids(1, 2)],
  ["limit beyond the end", [{ $limit: 100 }, onlyId], ids(1, 2, 3, 4, 5, 6)],
  ["skip of a double", [{ $skip: new Double(4) }, onlyId], ids(5, 6)],
  ["skip of a decimal", [{ $skip: Decimal128.fromString("5.0") }, onlyId], ids(6)],
  ["limit of a long", [{ $limit: Long.fromNumber(1) }, onlyId], ids(1)],
  ["limit of a decimal", [{ $limit: Decimal128.fromString("2") }, onlyId], ids(1, 2)],
  ["a limit of null", [{ $limit: null }], { refused: 5107201 }],
  ["a negative skip", [{ $skip: -1 }], { refused: 5107200 }],
  ["a fraction", [{ $skip: 1.5 }], { refused: 5107200 }],
  ["null", [{ $skip: null }], { refused: 5107200 }],
  ["a limit of zero", [{ $limit: 0 }], { refused: 15958 }],
  ["a negative limit", [{ $limit: -1 }], { refused: 5107201 }],
  ["a text", [{ $limit: "1" }], { refused: 5107201 }],
]);

describeStages("$count", documents, [
  ["all", [{ $count: "n" }], [{ n: 6 }]],
  ["some", [{ $match: { v: null } }, { $count: "found" }], [{ found: 2 }]],
  ["none", [{ $match: { v: "none" } }, { $count: "n" }], []],
  ["a number", [{ $count: 1 }], { refused: 40156 }],
  ["null", [{ $count: null }], { refused: 40156 }],
  ["an empty text", [{ $count: "" }], { refused: 40157 }],
  ["a name with $", [{ $count: "$n" }], { refused: 40158 }],
  ["a null byte", [{ $count: "a\0" }], { refused: 40159 }],
  ["a path", [{ $count: "a.b" }], { refused: 40160 }],
]);

describeStages("$sample", documents, [
  [
    "beyond the end: all, each once",
    [{ $sample: { size: 100 } }, { $sort: { _id: 1 } }, onlyId],
    ids(1, 2, 3, 4, 5, 6),
  ],
  ["some", [{ $sample: { size: 2 } }, { $count: "n" }], [{ n: 2 }]],
  ["a number", [{ $sample: 1 }], { refused: 28745 }],
  ["a long", [{ $sample: { size: Long.fromNumber(3) } }, { $count: "n" }], [{ n: 3 }]],
  ["a double", [{ $sample: { size: new Double(4) } }, { $count: "n" }], [{ n: 4 }]],
  ["a size of null", [{ $sample: { size: null } }], { refused: 28746 }],
  ["a size that is not a number", [{ $sample: { size: "1" } }], { refused: 28746 }],
  ["a negative size", [{ $sample: { size: -1 } }], { refused: 28747 }],
  ["an unknown option", [{ $sample: { size: 1, x: 1 } }], { refused: 28748 }],
  ["no size", [{ $sample: {} }], { refused: 28749 }],
]);

describe("a pipeline", () => {
  const compile = (...stages: object[]) =>
    compileStages(stages.map(encodeValue), { expressions: expressionContext(), find: () => [] });

  test("asks for no more documents than it needs", () => {
    let asked = 0;
    function* source() {
      for (;;) {
        asked++;
        yield encode({ n: asked });
      }
    }
    const stages = compile(
      { $match: { n: { $gt: 1 } } },
      { $set: { z: 1 } },
      { $unwind: "$n" },
      { $skip: 1 },
      { $limit: 2 },
      { $project: { n: 1 } },
    );
    expect([...withoutPauses(runStages(source(), stages, undefined))]).toHaveLength(2);
    expect(asked).toBe(4);
  });

  test.each<[string, object[]]>([
    ["$match", [{ $match: { none: 1 } }]],
    ["$group", [{ $group: { _id: "$n" } }]],
    ["$sort", [{ $set: { z: 1 } }, { $sort: { n: -1 } }, { $count: "n" }]],
    ["$sample", [{ $sample: { size: 5 } }]],
    ["$count", [{ $count: "n" }]],
    ["$skip", [{ $skip: 1_000_000 }]],
  ])("passes pauses on: %s", (_name, stages) => {
    function* source() {
      for (let n = 0; n < 1000; n++) {
        yield encode({ n });
        yield PAUSE;
      }
    }
    const pauses = [...runStages(source(), compile(...stages), undefined)].filter((one) => one === PAUSE);
    expect(pauses.length).toBeGreaterThanOrEqual(1000);
  });

  test.each<[string, object]>([
    ["$sort", { $sort: { n: 1 } }],
    ["$group", { $group: { _id: "$n" } }],
    ["$unwind", { $unwind: "$list" }],
  ])("pauses between the documents of a blocking stage: %s", (_name, stage) => {
    const list = Array.from({ length: 1000 }, (_, n) => n);
    const held = list.map((n) => encode({ n }));
    const source = "$unwind" in stage ? [encode({ list })] : held;
    const found = [...runStages(source, compile(stage), undefined)];
    expect(found.filter((one) => one === PAUSE).length).toBeGreaterThanOrEqual(3);
    expect(found.filter((one) => one !== PAUSE)).toHaveLength(1000);
  });

  test("holds no more than 100 MB", () => {
    const text = "x".repeat(1024 * 1024);
    function* source() {
      for (let n = 0; n < 120; n++) {
        yield encode({ n, text });
      }
    }
    const run = (...stages: object[]) => [
      ...withoutPauses(runStages(source(), compile(...stages), undefined)),
    ];
    const tooMuch = expect.objectContaining({ code: 292, message: expect.stringContaining("MONGO_URI") });
    expect(() => run({ $sort: { n: 1 } })).toThrow(tooMuch);
    expect(() => run({ $group: { _id: "$n", all: { $push: "$text" } } })).toThrow(tooMuch);
    expect(() => run({ $group: { _id: { n: "$n", text: "$text" } } })).toThrow(tooMuch);
    expect(run({ $sort: { n: -1 } }, { $limit: 5 }, { $project: { n: 1 } })).toHaveLength(5);
    expect(run({ $group: { _id: "$n", first: { $first: "$n" } } })).toHaveLength(120);
  });
});
