import { randomUUID } from "node:crypto";
import { env } from "node:process";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, test } from "vitest";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";
import { plan, seed } from "./plan.js";
import { testTrials, trialOptions } from "./test-trials.js";
import { loseMessages } from "./trials.js";
import { shareWorld } from "./world.js";

const server =
  env.TEST_MONGO_URI === undefined ? "embedded-mongo as a server" : "the server at TEST_MONGO_URI";
const databases: string[] = [];
let mongoUri = env.TEST_MONGO_URI ?? "";
let close = async () => {};

beforeAll(async () => {
  if (env.TEST_MONGO_URI === undefined) {
    ({ uri: mongoUri, close } = await startEmbeddedMongo());
  }
});
afterAll(async () => {
  const client = new MongoClient(mongoUri);
  for (const name of databases) {
    await client.db(name).dropDatabase();
  }
  await client.close();
  await close();
});

function newTarget() {
  const db = `chaos_${randomUUID()}`;
  databases.push(db);
  return { folder: temporaryFolder(), mongoUri, db };
}

const openWorld = shareWorld();

testTrials(server, openWorld, newTarget);

test(`… after ${plan.lost} messages that got lost (seed ${seed})`, trialOptions, async () => {
  await loseMessages(await openWorld(), newTarget);
});
