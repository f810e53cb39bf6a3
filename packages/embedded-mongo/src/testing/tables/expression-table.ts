import { describe, expect, test } from "vitest";
import { encode, encodeValue, wholeDocument } from "../../bson/raw-value.js";
import { CommandError } from "../../errors/command-error.js";
import { compileExpression } from "../../expressions/compile-expression.js";
import { decodeValue } from "../decode-value.js";

/** An expression, and its value with types as `bson` has them (undefined: missing), or the code that it is refused with. */
export type ExpressionCase = readonly [
  name: string,
  expression: unknown,
  answer: unknown | { readonly refused: number },
];

/** The value of an expression over a document. */
export function evaluate(expression: unknown, document: object = {}): unknown {
  const compiled = compileExpression(encodeValue(expression));
  return decodeValue(compiled({ root: wholeDocument(encode(document)), variables: undefined }));
}

/** A code is an answer like another: `{ refused: 16020 }`. */
function answerOf(expression: unknown, document: object): unknown {
  try {
    return evaluate(expression, document);
  } catch (error) {
    if (error instanceof CommandError) {
      return { refused: error.code };
    }
    throw error;
  }
}

/** One test per case. Types are compared, too: an int is not a double. */
export function describeExpressions(name: string, document: object, cases: readonly ExpressionCase[]): void {
  describe(name, () => {
    test.each(cases)("%s", (_name, expression, answer) => {
      expect(answerOf(expression, document)).toStrictEqual(answer);
    });
  });
}
