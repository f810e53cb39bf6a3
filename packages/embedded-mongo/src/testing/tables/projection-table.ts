import { EJSON } from "bson";
import { beforeAll, describe, expect, test } from "vitest";
import { serverError, type TestServer } from "../server.js";
import { typedText } from "./typed-document.js";

/** A document, a projection, and its result, or the code of the refusal. */
export type ProjectionCase = readonly [
  document: object,
  projection: object,
  answer: object | { readonly refused: number },
];

/** One test per case. Types and the order of fields are compared. */
export function describeProjections(
  name: string,
  server: TestServer,
  cases: readonly ProjectionCase[],
): void {
  describe(name, () => {
    let db: ReturnType<TestServer["db"]>;
    beforeAll(() => {
      db = server.db();
    });
    const titled = cases.map(
      ([document, projection, answer], i) =>
        [
          `${EJSON.stringify(document)} ${EJSON.stringify(projection)}`,
          `c${i}`,
          document,
          projection,
          answer,
        ] as const,
    );
    test.each(titled)("%s", async (_text, find, document, projection, answer) => {
      await db.command({ insert: find, documents: [document] });
      const found = db.command({ find, projection }, { promoteValues: false, bsonRegExp: true });
      if ("refused" in answer) {
        const { code } = await serverError(found);
        expect(Number(code)).toBe(answer.refused);
      } else {
        const { cursor } = await found;
        expect(cursor.firstBatch.map(typedText)).toEqual([typedText(answer)]);
      }
    });
  });
}
