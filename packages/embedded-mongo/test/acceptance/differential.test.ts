import fc from "fast-check";
import { BSON, type MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type EmbeddedMongo, startEmbeddedMongo } from "../../src/server/start-embedded-mongo.js";
import { administrationCases } from "../../src/testing/differential/administration-cases.js";
import { aggregationCases } from "../../src/testing/differential/aggregation-cases.js";
import { documentedAggregation } from "../../src/testing/differential/documented-aggregation-cases.js";
import { documentedCases } from "../../src/testing/differential/documented-cases.js";
import { driverCases } from "../../src/testing/differential/driver-cases.js";
import { connect, isSecantus, newDatabaseName, play } from "../../src/testing/differential/play.js";
import { sequences } from "../../src/testing/differential/random-commands.js";
import { aggregationSequences } from "../../src/testing/differential/random-pipelines.js";
import { readCases } from "../../src/testing/differential/read-cases.js";
import { writeCases } from "../../src/testing/differential/write-cases.js";

/** Large documents, on two servers. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const judgeUri = process.env.TEST_MONGO_URI ?? "";

/** A failure prints its seed; these repeat it, or look further than the everyday run does. */
const seed = Number(process.env.DIFFERENTIAL_SEED ?? 20_260_101);
const numRuns = Number(process.env.DIFFERENTIAL_RUNS ?? 320);

describe.skipIf(judgeUri !== "")("the differential suite", () => {
  test.skip("is skipped: set TEST_MONGO_URI to the MongoDB server to compare with", () => {});
});

describe.skipIf(judgeUri === "")("embedded-mongo and the server in TEST_MONGO_URI", () => {
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

  describe("answer the same", () => {
    for (const { name, steps } of [
      ...writeCases,
      ...readCases,
      ...aggregationCases,
      ...administrationCases,
    ]) {
      test(name, async () => {
        const dbName = newDatabaseName();
        const expected = await play(judge, dbName, steps);
        expect(await play(embedded, dbName, steps)).toEqual(expected);
      });
    }
  });

  describe("are the same to the driver", () => {
    for (const { name, play: playWith } of driverCases) {
      test(name, async () => {
        const dbName = newDatabaseName();
        const ofJudge = await playWith(judge.db(dbName)).finally(() => judge.db(dbName).dropDatabase());
        const ofEmbedded = await playWith(embedded.db(dbName)).finally(() =>
          embedded.db(dbName).dropDatabase(),
        );
        expect(BSON.EJSON.serialize({ of: ofEmbedded }, { relaxed: false })).toEqual(
          BSON.EJSON.serialize({ of: ofJudge }, { relaxed: false }),
        );
      });
    }
  });

  describe("answer what the manual says, where SecantusDB does not", () => {
    for (const { name, steps, expected, source } of [...documentedCases, ...documentedAggregation]) {
      test(name, async () => {
        const ofEmbedded = await play(embedded, newDatabaseName(), steps);
        expect(ofEmbedded[steps.length - 1]?.outcome, source).toEqual(expected);
        const ofJudge = await play(judge, newDatabaseName(), steps);
        if (await isSecantus(judge)) {
          expect(ofJudge[steps.length - 1]?.outcome, "SecantusDB is right now: move this case").not.toEqual(
            expected,
          );
        } else {
          expect(ofJudge[steps.length - 1]?.outcome, source).toEqual(expected);
        }
      });
    }
  });

  describe("answer the same to random sequences", () => {
    let played = 0;

    afterAll(() => {
      process.stdout.write(`${played} random commands were played on both servers\n`);
    });

    test.each([
      { name: "commands", sequences, runs: Math.ceil(numRuns / 2) },
      { name: "aggregations", sequences: aggregationSequences, runs: numRuns },
    ])(`of $name ($runs, seed ${seed})`, { timeout: 3_600_000 }, async ({ sequences: arbitrary, runs }) => {
      await fc.assert(
        fc.asyncProperty(arbitrary, async (steps) => {
          const dbName = newDatabaseName();
          const expected = await play(judge, dbName, steps);
          expect(await play(embedded, dbName, steps)).toEqual(expected);
          played += steps.length;
        }),
        { seed, numRuns: runs, endOnFailure: false },
      );
    });
  });
});
