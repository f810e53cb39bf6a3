import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encode } from "../bson/raw-value.js";
import { type Database, ensureCollection, openDatabase } from "./database.js";
import { dropCollection, dropping, removeDropped } from "./drop-records.js";
import { insertRecord } from "./write-records.js";

const COUNT = 3_500;

describe("a dropped collection or index", () => {
  let folder: string;
  let database: Database;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "drop-records-test-"));
    database = openDatabase(folder, false);
    insert("things", COUNT);
    insert("kept", 5);
    // Each transaction is over its time when it has removed the first keys.
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => {
      now += 1_000;
      return now;
    });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const insert = (name: string, count: number): void => {
    database.write(() => {
      for (let _id = 0; _id < count; _id++) {
        insertRecord(database, ensureCollection(database, "d", name), encode({ _id }));
      }
    });
  };
  const drop = () =>
    dropping(database, () => dropCollection(database, ensureCollection(database, "d", "things")));
  const keys = ({ store }: Database) =>
    [store.records, store.indexes, store.catalog].map(
      (table) => [...table.keys(Buffer.from([0]), Buffer.from([0xff]))].length,
    );

  test("is gone at once, and is removed in several transactions", () => {
    const running = drop();
    running.next();
    expect(database.catalog.list().map(({ name }) => name)).toEqual(["kept"]);
    expect(keys(database)[0]).toBeGreaterThan(1_000);
    insert("things", 2);
    expect([...running].length).toBeGreaterThan(3);
    expect(keys(database)).toEqual([7, 7, 3]);
  });

  test("is removed later after an interruption, also by the next process", async () => {
    const running = drop();
    running.next();
    running.return();
    await database.close();
    database = openDatabase(folder, false);
    expect(keys(database)[0]).toBeGreaterThan(1_000);
    expect([...removeDropped(database)].length).toBeGreaterThan(3);
    expect(keys(database)).toEqual([5, 5, 2]);
  });
});
