import { randomUUID } from "node:crypto";
import { env } from "node:process";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, test } from "vitest";
import { temporaryFolder } from "../start-process.testing.js";
import { plan, seed, timeoutMs } from "./chaos-plan.testing.js";
import { openWorld } from "./chaos-world.testing.js";
import {
  canUnshare,
  killRuns,
  loseMessages,
  raceClocks,
  raceNamespaces,
  raceRuns,
  signalRuns,
} from "./trials.testing.js";

const server =
  env.TEST_MONGO_URI === undefined ? "embedded-mongo as a server" : "the server at TEST_MONGO_URI";
const options = { timeout: timeoutMs };
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

test(`${server} is whole after ${plan.kills} kills at random points (seed ${seed})`, options, async () => {
  await killRuns(await openWorld(), newTarget);
});

test(`… after ${plan.signals} signals at random points (seed ${seed})`, options, async () => {
  await signalRuns(await openWorld(), newTarget);
});

test(`… after ${plan.races} races of two runs (seed ${seed})`, options, async () => {
  await raceRuns(await openWorld(), newTarget);
});

test.skipIf(!canUnshare)(
  `… after ${plan.namespaces} races between PID namespaces (seed ${seed}; skipped where unshare is not permitted)`,
  options,
  async () => {
    await raceNamespaces(await openWorld(), newTarget);
  },
);

test(`… after ${plan.clocks} races of runs whose clocks differ by 90 s (seed ${seed})`, options, async () => {
  await raceClocks(await openWorld(), newTarget);
});

test(`… after ${plan.lost} messages that got lost (seed ${seed})`, options, async () => {
  await loseMessages(await openWorld(), newTarget);
});
