import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { compileStages } from "../../aggregation/compile-pipeline.js";
import { encodeValue } from "../../bson/raw-value.js";
import { CommandError } from "../../errors/command-error.js";
import { compileExpression, expressionContext, isOperator } from "../../expressions/compile-expression.js";
import { compileAccumulator } from "../../expressions/group-accumulators.js";
import { compileFilter } from "../../query/compile-filter.js";
import { compileProjection } from "../../query/projection.js";
import { parseOperators } from "../../update/parse-operators.js";

/** Each kind of operator: where its tables of cases are, whether the code takes one, and all that MongoDB's manual has. */
const KINDS: Readonly<Record<string, { tables: RegExp; serves: (name: string) => boolean; manual: string }>> =
  {
    Filters: {
      tables: /^query\//,
      serves: (name) => takes(() => filter({ v: { [name]: 1 } })) || takes(() => filter({ [name]: 1 })),
      manual:
        "$eq $gt $gte $in $lt $lte $ne $nin $and $not $nor $or $exists $type $expr $jsonSchema $mod $regex $text $where " +
        "$geoIntersects $geoWithin $near $nearSphere $all $elemMatch $size $bitsAllClear $bitsAllSet $bitsAnyClear $bitsAnySet $comment",
    },
    Projections: {
      tables: /^query\/projection/,
      serves: (name) => takes(() => compileProjection(encodeValue({ v: { [name]: 1 } }), "find")),
      manual: "$elemMatch $meta $slice",
    },
    Updates: {
      tables: /^update\//,
      serves: (name) => takes(() => parseOperators(encodeValue({ [name]: {} }))),
      manual:
        "$currentDate $inc $min $max $mul $rename $set $setOnInsert $unset $addToSet $pop $pull $push $pullAll $bit",
    },
    Stages: {
      tables: /^(aggregation|commands)\//,
      serves: (name) =>
        takes(() =>
          compileStages([encodeValue({ [name]: {} })], { expressions: expressionContext(), find: () => [] }),
        ),
      manual:
        "$addFields $bucket $bucketAuto $changeStreamSplitLargeEvent $collStats $count $currentOp $densify $documents " +
        "$facet $fill $geoNear $graphLookup $group $indexStats $limit $listLocalSessions $listSampledQueries $listSearchIndexes " +
        "$listSessions $lookup $match $merge $out $planCacheStats $project $querySettings $queryStats $redact $replaceRoot " +
        "$replaceWith $sample $search $searchMeta $set $setWindowFields $shardedDataDistribution $skip $sort $sortByCount " +
        "$unionWith $unset $unwind $vectorSearch",
    },
    Accumulators: {
      tables: /^(aggregation\/group-stage|expressions\/group-accumulators)/,
      serves: (name) =>
        takes(() => compileAccumulator(name, encodeValue({}), (spec) => compileExpression(spec))),
      manual:
        "$accumulator $addToSet $avg $bottom $bottomN $count $first $firstN $last $lastN $max $maxN $median $mergeObjects $min $minN " +
        "$percentile $push $stdDevPop $stdDevSamp $sum $top $topN",
    },
    Expressions: {
      tables: /^expressions\//,
      serves: isOperator,
      manual:
        "$abs $acos $acosh $add $allElementsTrue $and $anyElementTrue $arrayElemAt $arrayToObject $asin $asinh $atan $atan2 $atanh " +
        "$avg $binarySize $bitAnd $bitNot $bitOr $bitXor $bottom $bottomN $bsonSize $ceil $cmp $concat $concatArrays $cond $convert " +
        "$cos $cosh $dateAdd $dateDiff $dateFromParts $dateFromString $dateSubtract $dateToParts $dateToString $dateTrunc " +
        "$dayOfMonth $dayOfWeek $dayOfYear $degreesToRadians $divide $eq $exp $filter $first $firstN $floor $function $getField $gt " +
        "$gte $hour $ifNull $in $indexOfArray $indexOfBytes $indexOfCP $isArray $isNumber $isoDayOfWeek $isoWeek $isoWeekYear $last " +
        "$lastN $let $literal $ln $log $log10 $lt $lte $ltrim $map $max $maxN $median $mergeObjects $meta $millisecond $min $minN " +
        "$minute $mod $month $multiply $ne $not $objectToArray $or $percentile $pow $radiansToDegrees $rand $range $reduce $regexFind " +
        "$regexFindAll $regexMatch $replaceAll $replaceOne $reverseArray $round $rtrim $sampleRate $second $setDifference $setEquals " +
        "$setField $setIntersection $setIsSubset $setUnion $sigmoid $sin $sinh $size $slice $sortArray $split $sqrt $stdDevPop " +
        "$stdDevSamp $strcasecmp $strLenBytes $strLenCP $substr $substrBytes $substrCP $subtract $sum $switch $tan $tanh $toBool " +
        "$toDate $toDecimal $toDouble $toHashedIndexKey $toInt $toLong $toLower $toObjectId $toString $toUpper $toUUID $trim $trunc " +
        "$tsIncrement $tsSecond $type $unsetField $week $year $zip",
    },
  };

function filter(spec: object): unknown {
  return compileFilter(encodeValue(spec));
}

/** Whether something is not refused by name, be its arguments valid or not. */
function takes(compile: () => unknown): boolean {
  try {
    compile();
    return true;
  } catch (error) {
    if (error instanceof CommandError) {
      return !error.message.includes("not supported by the embedded database");
    }
    throw error;
  }
}

/** The names in the table of docs/embedded-database.md, by kind. */
function documented(): Map<string, Set<string>> {
  const page = readFileSync(new URL("../../../../../docs/embedded-database.md", import.meta.url), "utf8");
  const kinds = new Map(Object.keys(KINDS).map((kind) => [kind, new Set<string>()]));
  for (const [, label = "", text = ""] of page.matchAll(/^\| ([^|]+) \| (.+) \|$/gm)) {
    const kind = /^(Expressions|…)/.test(label) ? "Expressions" : label;
    for (const [name] of text.matchAll(/\$\w+/g)) {
      kinds.get(kind)?.add(name);
    }
    if (kind === "Expressions" && text.includes("and the accumulators")) {
      for (const name of ["$avg", "$max", "$min", "$sum"]) {
        kinds.get(kind)?.add(name);
      }
    }
  }
  return kinds;
}

/** The keys and texts in a case of a table. */
function namesIn(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  if (Array.isArray(value)) {
    return value.flatMap(namesIn);
  }
  return typeof value === "object" && value?.constructor === Object
    ? Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)])
    : [];
}

type Body = (...row: readonly unknown[]) => void;
/** The operators named in the tables of each test file. */
const cases = new Map<string, Set<string>[]>();

/** Reads a test file's tables: `test.each` and `describe.each` record their rows, and nothing is run. */
async function readTables(file: string): Promise<void> {
  const rows: Set<string>[] = [];
  let above: string[] = [];
  const nothing = () => undefined;
  const eachTest = (table: readonly unknown[]) => () => {
    rows.push(...table.map((row) => new Set([...above, ...namesIn(row)])));
  };
  const eachSuite = (table: readonly unknown[]) => (_name: string, body: Body) => {
    for (const row of table) {
      const outer = above;
      above = [...outer, ...[row].flat().filter((text) => typeof text === "string")];
      body(...[row].flat());
      above = outer;
    }
  };
  vi.doMock("vitest", () => ({
    describe: Object.assign((name: string, body: Body) => eachSuite([name])(name, body), { each: eachSuite }),
    test: Object.assign(nothing, { each: eachTest }),
    expect,
    vi: { setConfig: nothing },
    ...Object.fromEntries(
      ["beforeAll", "beforeEach", "afterAll", "afterEach"].map((hook) => [hook, nothing]),
    ),
  }));
  vi.resetModules();
  await import(new URL(`../../${file}`, import.meta.url).href);
  cases.set(file, rows);
}

afterAll(() => {
  vi.doUnmock("vitest");
  vi.resetModules();
});

describe.each(Object.entries(KINDS))("%s", (kind, { tables, serves, manual }) => {
  const names = documented().get(kind) ?? new Set();

  test("that are served are those in docs/embedded-database.md", () => {
    expect(manual.split(" ").filter(serves).sort()).toEqual([...names].sort());
  });

  describe("have at least three cases", () => {
    beforeAll(async () => {
      const files = readdirSync(new URL("../..", import.meta.url), { recursive: true, encoding: "utf8" });
      for (const file of files.filter((name) => name.endsWith(".test.ts") && tables.test(name))) {
        if (!cases.has(file)) {
          await readTables(file);
        }
      }
    });
    test.each([...names])("%s", (name) => {
      const found = [...cases].flatMap(([file, rows]) => (tables.test(file) ? rows : []));
      expect(found.filter((row) => row.has(name)).length).toBeGreaterThanOrEqual(3);
    });
  });
});
