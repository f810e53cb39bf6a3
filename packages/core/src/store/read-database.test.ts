import { expect, test } from "vitest";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { readDatabase, storedIn } from "./read-database.js";

describeOnMongo("what is stored", (database) => {
  test("is read by collection, in the order of names and of `_id`s", async () => {
    const { store } = database();
    await store.database.collection<{ _id: string }>("two").insertMany([{ _id: "b" }, { _id: "a" }]);
    await store.database.collection<{ _id: string }>("one").insertOne({ _id: "c" });
    expect(await storedIn(store, "two")).toEqual([{ _id: "a" }, { _id: "b" }]);
    expect(await storedIn(store, "three")).toEqual([]);
    expect(Object.entries(await readDatabase(store))).toEqual([
      ["one", [{ _id: "c" }]],
      ["two", [{ _id: "a" }, { _id: "b" }]],
    ]);
  });
});
