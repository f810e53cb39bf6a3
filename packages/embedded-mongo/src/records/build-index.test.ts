import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encode, encodeValue } from "../bson/raw-value.js";
import { idPrefix } from "../storage/table-keys.js";
import { fillIndex, finishIndexes, removeUnfinished } from "./build-index.js";
import { type Database, ensureCollection, openDatabase } from "./database.js";
import { removeDropped } from "./drop-records.js";
import { findRecords } from "./find-records.js";
import { withoutPauses } from "./pause.js";
import { planQuery } from "./query-plan.js";
import { entryKeys, insertRecord, removeRecord, replaceRecord } from "./write-records.js";

const COUNT = 3_500;

describe("an index that is built in several transactions", () => {
  let folder: string;
  let database: Database;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "build-index-test-"));
    database = openDatabase(folder, false);
    insert(0, COUNT, (n) => n);
  });
  afterEach(async () => {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const things = () => ensureCollection(database, "d", "things");
  const insert = (from: number, count: number, numberOfId: (id: number) => unknown): void => {
    database.write(() => {
      for (let id = from; id < from + count; id++) {
        insertRecord(database, things(), encode({ _id: id, n: numberOfId(id) }));
      }
    });
  };
  const find = (filter: Record<string, unknown>) => [
    ...withoutPauses(findRecords(database, things(), { filter: encodeValue(filter) })),
  ];
  /** Fills the first part, as `createIndexes` does. */
  const start = (unique = true) =>
    database.write(() => {
      const index = database.catalog.addIndex(things(), {
        name: "n_1",
        key: [["n", 1]],
        unique,
        sparse: false,
      });
      const next = fillIndex(database, things(), index);
      index.isUnfinished = true;
      expect(next).toBeDefined();
      return { db: "d", name: "things", nextRecords: new Map([[index.id, next ?? Buffer.alloc(0)]]) };
    });
  const planOf = (n: number) => planQuery(things(), { filter: encodeValue({ n }) }).kind;

  test("includes documents written meanwhile, and serves queries when it is complete", () => {
    const build = finishIndexes(database, start());
    build.next();
    expect(planOf(1)).toBe("collection-scan");
    insert(COUNT, 1, (n) => n);
    const [first, last] = [find({ _id: 1 })[0], find({ _id: COUNT - 1 })[0]];
    database.write(() => {
      for (const record of [first, last]) {
        if (record !== undefined) {
          replaceRecord(
            database,
            things(),
            record.recordId,
            record.document,
            encode({ _id: 0, n: -1 - record.recordId }),
          );
        }
      }
      for (const record of [...find({ _id: 2 }), ...find({ _id: COUNT - 2 })]) {
        removeRecord(database, things(), record);
      }
    });
    expect([...build].length).toBeGreaterThan(1);
    expect(planOf(1)).toBe("index-scan");
    expect(find({ n: { $gte: 0 } })).toHaveLength(COUNT + 1 - 4);
    expect(find({ n: { $lt: 0 } })).toHaveLength(2);
    expect(find({ n: 2 })).toEqual([]);
    expect(find({ n: COUNT })).toHaveLength(1);
  });

  test.each([true, false])(
    "has the keys of all documents that change between its steps (unique: %s)",
    (unique) => {
      const change = (id: number, n: unknown): void => {
        for (const { recordId, document } of find({ _id: id })) {
          database.write(() => replaceRecord(database, things(), recordId, document, encode({ _id: id, n })));
        }
      };
      const build = finishIndexes(database, start(unique));
      let pauses = 0;
      for (const _ of build) {
        pauses++;
        for (const id of [pauses, 1_500 + pauses, COUNT - pauses]) {
          change(id, [id, -id]);
          change(id, [-id, id + 10_000]);
        }
        database.write(() => {
          for (const record of find({ _id: { $in: [100 + pauses, 2_000 + pauses, COUNT - 100 - pauses] } })) {
            removeRecord(database, things(), record);
          }
        });
        insert(COUNT + pauses, 1, (id) => id);
      }
      const [index] = things().indexes;
      const expected = find({}).flatMap(({ recordId, document }) =>
        index === undefined ? [] : entryKeys(index, recordId, document).keys,
      );
      const range = [idPrefix(index?.id ?? 0), idPrefix((index?.id ?? 0) + 1)] as const;
      expect([...database.store.indexes.keys(...range)]).toEqual(expected.sort(Buffer.compare));
      expect(find({})).toHaveLength(COUNT - 2 * pauses);
      expect(index?.multikeyPaths).toEqual(["n"]);
      expect(database.changedInBuild.size).toBe(0);
    },
  );

  test("is removed if a value occurs twice or the build is interrupted", () => {
    const interrupted = finishIndexes(database, start());
    interrupted.next();
    interrupted.return();
    expect(things().indexes).toEqual([]);
    const build = finishIndexes(database, start());
    build.next();
    insert(COUNT, 1, () => COUNT - 1);
    expect(() => [...build]).toThrow(expect.objectContaining({ code: 11000 }));
    expect(things().indexes).toEqual([]);
    expect(find({ n: COUNT - 1 })).toHaveLength(2);
    expect([...withoutPauses(removeDropped(database))]).toEqual([]);
    const [key] = database.store.indexes.keys(Buffer.from([0, 0, 0, 3]), Buffer.from([0xff]));
    expect(key).toBeUndefined();
  });

  test("stops if it or its collection is dropped", () => {
    const build = finishIndexes(database, start());
    build.next();
    removeUnfinished(database);
    expect(() => [...build]).toThrow(expect.objectContaining({ code: 276 }));
  });

  test("is removed by the next process if this one is killed", async () => {
    start();
    await database.close();
    database = openDatabase(folder, false);
    expect(things().indexes).toMatchObject([{ name: "n_1", isUnfinished: true }]);
    removeUnfinished(database);
    expect(things().indexes).toEqual([]);
    expect(find({ n: 5 })).toHaveLength(1);
  });
});
