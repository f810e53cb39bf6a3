import { describe, expect, test } from "vitest";
import { compileStages } from "../../aggregation/compile-pipeline.js";
import { runStages } from "../../aggregation/stage.js";
import { encode, encodeValue } from "../../bson/raw-value.js";
import { CommandError } from "../../errors/command-error.js";
import { expressionContext } from "../../expressions/compile-expression.js";
import { withoutPauses } from "../../records/pause.js";
import { decodeTyped } from "../decode-value.js";

/** Stages, and their documents with types as `bson` has them, or the code that they are refused with. */
export type StageCase = readonly [
  name: string,
  stages: readonly object[],
  answer: readonly object[] | { readonly refused: number },
];

function answerOf(stages: readonly object[], documents: readonly object[]): unknown {
  try {
    const compiled = compileStages(stages.map(encodeValue), {
      expressions: expressionContext(),
      find: () => [],
    });
    const found = withoutPauses(runStages(documents.map(encode), compiled, undefined));
    // As entries, because the order of fields counts.
    return [...found].map((document) => inOrder(decodeTyped(document)));
  } catch (error) {
    if (error instanceof CommandError) {
      return { refused: error.code };
    }
    throw error;
  }
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(inOrder);
  }
  return typeof value === "object" && value?.constructor === Object
    ? Object.entries(value).map(([name, inner]) => [name, inOrder(inner)])
    : value;
}

/** One test per case. Types and the order of fields are compared, too. */
export function describeStages(
  name: string,
  documents: readonly object[],
  cases: readonly StageCase[],
): void {
  describe(name, () => {
    test.each(cases)("%s", (_name, stages, answer) => {
      const expected = Array.isArray(answer)
        ? answer.map((document: object) => inOrder(decodeTyped(encode(document))))
        : answer;
      expect(answerOf(stages, documents)).toStrictEqual(expected);
    });
  });
}
