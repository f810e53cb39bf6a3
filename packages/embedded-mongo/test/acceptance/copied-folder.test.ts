import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { expect, onTestFinished, test } from "vitest";
import { startEmbeddedMongo } from "../../src/index.js";

async function inDatabase<Result>(
  path: string,
  task: (client: MongoClient) => Promise<Result>,
): Promise<Result> {
  const server = await startEmbeddedMongo({ path });
  const client = new MongoClient(server.uri);
  try {
    return await task(client);
  } finally {
    await client.close();
    await server.close();
  }
}

test("a copy of a folder that no process has open is a backup: the copy opens with all documents and indexes, beside the original", {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "copied-folder-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [original, copy] = [join(folder, "original"), join(folder, "copy")];
  const documents = Array.from({ length: 500 }, (_, n) => ({ _id: n, name: `thing ${n % 7}` }));
  await inDatabase(original, async (client) => {
    const things = client.db("test").collection<{ _id: number }>("things");
    await things.createIndex({ name: 1 });
    await things.insertMany(documents);
  });
  cpSync(original, copy, { recursive: true });
  await inDatabase(original, async (client) => {
    await client.db("test").collection("things").deleteMany({});
    await inDatabase(copy, async (other) => {
      const things = other.db("test").collection("things");
      expect(await things.find().sort({ _id: 1 }).toArray()).toEqual(documents);
      expect((await things.indexes()).map(({ name }) => name)).toEqual(["_id_", "name_1"]);
      expect(JSON.stringify(await things.find({ name: "thing 3" }).explain())).toContain("name_1");
    });
  });
});
