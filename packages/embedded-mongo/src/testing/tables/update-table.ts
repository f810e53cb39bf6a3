import { EJSON } from "bson";
import type { MongoServerError } from "mongodb";
import { beforeAll, describe, expect, test } from "vitest";
import type { TestServer } from "../server.js";
import { typedText } from "./typed-document.js";

interface Refusal {
  readonly refused: number;
}

/** A document, an update, and the updated document, or the code of the refusal. */
export type UpdateCase = readonly [before: object, update: object, after: object | Refusal];

/** A filter, an update, and the document that an upsert inserts, or the code of the refusal. */
export type UpsertCase = readonly [filter: object, update: object, inserted: object | Refusal];

/** One test per case. Types and the order of fields are compared, and `nModified` with whether they changed. */
export function describeUpdates(name: string, server: TestServer, cases: readonly UpdateCase[]): void {
  describe(name, () => {
    const update = useUpdates(server);
    test.each(titled(cases))("%s", async (_text, before, change, after) => {
      const stored = { _id: "it", ...before };
      const expected = typedText("refused" in after ? stored : { _id: "it", ...after });
      const result = await update({ q: {}, u: change }, stored);
      expect({ ...result, documents: result.documents.map(typedText) }).toEqual({
        code: "refused" in after ? after.refused : undefined,
        documents: [expected],
        modified: expected === typedText(stored) ? 0 : 1,
      });
    });
  });
}

/** One test per case, on an empty collection. An `_id` that the server makes is not compared. */
export function describeUpserts(name: string, server: TestServer, cases: readonly UpsertCase[]): void {
  describe(name, () => {
    const update = useUpdates(server);
    test.each(titled(cases))("%s", async (_text, filter, change, inserted) => {
      const result = await update({ q: filter, u: change, upsert: true });
      const documents = result.documents.map(({ _id, ...rest }) =>
        typedText("_id" in inserted ? { _id, ...rest } : rest),
      );
      expect({ ...result, documents }).toEqual({
        code: "refused" in inserted ? inserted.refused : undefined,
        documents: "refused" in inserted ? [] : [typedText(inserted)],
        modified: 0,
      });
    });
  });
}

function titled(cases: readonly UpdateCase[]) {
  return cases.map(
    ([start, update, answer]) =>
      [`${EJSON.stringify(start)} ${EJSON.stringify(update)}`, start, update, answer] as const,
  );
}

/** Runs one update statement on a new collection. */
function useUpdates(server: TestServer) {
  let db: ReturnType<TestServer["db"]>;
  let count = 0;
  beforeAll(() => {
    db = server.db();
  });
  return async (statement: object, document?: object) => {
    const update = `c${++count}`;
    if (document !== undefined) {
      await db.command({ insert: update, documents: [document] });
    }
    const { nModified, writeErrors, code } = await db
      .command({ update, updates: [statement] })
      .catch(({ code }: MongoServerError) => ({ nModified: 0, writeErrors: [], code }));
    const { cursor } = await db.command({ find: update }, { promoteValues: false, bsonRegExp: true });
    const documents: { _id: unknown }[] = cursor.firstBatch;
    return { code: (code ?? writeErrors?.[0]?.code) as unknown, documents, modified: nModified as unknown };
  };
}
