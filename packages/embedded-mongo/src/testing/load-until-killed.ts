import { MongoClient } from "mongodb";
import { startEmbeddedMongo } from "../server/start-embedded-mongo.js";

/** Runs as a separate process: serves a folder, inserts into it, and reports each acknowledged batch. */
const [path = "", mode = "load"] = process.argv.slice(2);

const server = await startEmbeddedMongo({ path });
const tell = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
tell(server.uri);
if (mode === "load") {
  const client = await new MongoClient(server.uri).connect();
  const collection = client
    .db("d")
    .collection<{ _id: number; text: string; tags: string[]; round?: number }>("c");
  await collection.createIndex({ text: 1 }, { unique: true });
  await collection.createIndex({ tags: 1 });
  for (let batch = 0; ; batch++) {
    const ids = Array.from({ length: 50 }, (_, i) => batch * 50 + i);
    await collection.bulkWrite(
      ids.map((id) => ({
        updateOne: {
          filter: { _id: id },
          update: { $set: { text: `text ${id}`, tags: [`a${id % 7}`, `b${id}`, "x".repeat(200)] } },
          upsert: true,
        },
      })),
    );
    await collection.updateMany(
      { _id: { $in: ids.filter((id) => id % 10 === 0) } },
      { $set: { round: batch } },
    );
    tell(`acknowledged ${(batch + 1) * 50}`);
  }
}
