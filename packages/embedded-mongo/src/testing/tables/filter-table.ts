import { EJSON } from "bson";
import { beforeAll, describe, expect, test } from "vitest";
import { serverError, type TestServer } from "../server.js";

/** A filter, and the names of the documents that it finds, or the code that it is refused with. */
export type FilterCase = readonly [filter: object, answer: readonly string[] | { readonly refused: number }];

/** One test per case, over documents by name, without an index and with one on `v`: an index changes no answer. */
export function describeFilters(
  name: string,
  server: TestServer,
  documents: Readonly<Record<string, object>>,
  cases: readonly FilterCase[],
): void {
  describe(name, () => {
    let db: ReturnType<TestServer["db"]>;
    beforeAll(async () => {
      db = server.db();
      for (const collection of [
        db.collection<{ _id: string }>("plain"),
        db.collection<{ _id: string }>("indexed"),
      ]) {
        await collection.insertMany(Object.entries(documents).map(([_id, fields]) => ({ _id, ...fields })));
      }
      await db.collection("indexed").createIndex({ v: 1 });
    });
    test.each(cases.map(([filter, answer]) => [EJSON.stringify(filter), filter, answer] as const))(
      "%s",
      async (_text, filter, answer) => {
        for (const find of ["plain", "indexed"]) {
          const found = db.command({ find, filter, projection: { _id: 1 } });
          if ("refused" in answer) {
            expect(await serverError(found)).toMatchObject({ code: answer.refused });
          } else {
            const { cursor } = await found;
            const names: string[] = cursor.firstBatch.map(({ _id }: { _id: string }) => _id);
            expect(names.sort()).toEqual([...answer].sort());
          }
        }
      },
    );
  });
}
