// Asks the embedded database in a folder one find after the other, as a script of a person does: node find-one-by-one.mjs FOLDER QUESTIONS.
// QUESTIONS is a JSON list: of each value, the finds until something is found. Prints how many values something was found for.
import { readFileSync } from "node:fs";
import { argv } from "node:process";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { MongoClient } from "mongodb";

const [, , path, file] = argv;
const values = JSON.parse(readFileSync(file, "utf8"));
const server = await startEmbeddedMongo({ path });
const client = await new MongoClient(server.uri).connect();
const db = client.db("threat_intelligence");
let found = 0;
for (const questions of values) {
  for (const { collection, filter, ...options } of questions) {
    const documents = await db.collection(collection).find(filter, options).toArray();
    if (documents.length > 0) {
      found += 1;
      break;
    }
  }
}
console.log(JSON.stringify({ found }));
await client.close();
await server.close();
