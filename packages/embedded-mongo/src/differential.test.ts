import type { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { administrationCases } from "./differential-administration.testing.js";
import { aggregationCases } from "./differential-aggregation.testing.js";
import { connect, newDatabaseName, play } from "./differential-play.testing.js";
import { readCases } from "./differential-reads.testing.js";
import { writeCases } from "./differential-writes.testing.js";
import { type EmbeddedMongo, startEmbeddedMongo } from "./start-embedded-mongo.js";

const judgeUri = process.env.TEST_MONGO_URI ?? "";

describe.skipIf(judgeUri !== "")("the differential suite", () => {
  it.skip("is skipped: set TEST_MONGO_URI to the MongoDB server to compare with", () => {});
});

describe.skipIf(judgeUri === "")("embedded-mongo and the server in TEST_MONGO_URI answer the same", () => {
  let server: EmbeddedMongo;
  let embedded: MongoClient;
  let judge: MongoClient;

  beforeAll(async () => {
    judge = await connect(judgeUri);
    server = await startEmbeddedMongo();
    embedded = await connect(server.uri);
  });

  afterAll(async () => {
    await embedded?.close();
    await server?.close();
    await judge?.close();
  });

  it.each([...writeCases, ...readCases, ...aggregationCases, ...administrationCases])(
    "$name",
    { timeout: 120_000 },
    async ({ steps }) => {
      const dbName = newDatabaseName();
      const expected = await play(judge, dbName, steps);
      expect(await play(embedded, dbName, steps)).toEqual(expected);
    },
  );
});
