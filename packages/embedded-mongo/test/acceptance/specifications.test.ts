import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedMongo, startEmbeddedMongo } from "../../src/server/start-embedded-mongo.js";
import { DRIVER_LIMITS } from "../../src/testing/specifications/driver-limits.js";
import { readServerFacts } from "../../src/testing/specifications/requirements.js";
import { runTest, type Skipped, type TestedServer } from "../../src/testing/specifications/run-test.js";
import {
  MISTAKES,
  readTestFiles,
  SUITES,
  type SuiteFolders,
  type TestFile,
} from "../../src/testing/specifications/test-file.js";

const checkout = process.env.MONGODB_SPECIFICATIONS ?? "";

describe.skipIf(checkout !== "")("MongoDB's specification tests", () => {
  test.skip("are skipped: set MONGODB_SPECIFICATIONS to what .ci/unpack-pymongo.sh prints, or to a checkout", () => {});
});

describe.skipIf(checkout === "")("MongoDB's specification tests", () => {
  let embedded: EmbeddedMongo;
  let server: TestedServer;
  let passed = 0;
  const skipped: Skipped[] = [];

  beforeAll(async () => {
    embedded = await startEmbeddedMongo();
    const client = await new MongoClient(embedded.uri).connect();
    server = { uri: embedded.uri, client, facts: await readServerFacts(client) };
  });

  afterAll(async () => {
    await server?.client.close();
    await embedded?.close();
    process.stdout.write(`${[`${passed} passed`, ...countByReason(skipped)].join("\n")}\n`);
  });

  for (const [name, file] of readSuites(SUITES)) {
    describe(name, () => {
      for (const unifiedTest of file.tests) {
        test(unifiedTest.description, async ({ skip }) => {
          const limit = DRIVER_LIMITS.get(`${name}: ${unifiedTest.description}`);
          const run = runTest(file, unifiedTest, server);
          if (limit !== undefined) {
            await expect(
              run,
              "the driver is right now: remove this test from DRIVER_LIMITS",
            ).rejects.toThrow();
          }
          const reason = limit === undefined ? await run : ({ kind: "driver", reason: limit } as const);
          if (reason === undefined) {
            passed += 1;
          } else {
            skipped.push(reason);
            skip(`${reason.kind}: ${reason.reason}`);
          }
        });
      }
    });
  }

  describe("the test runner finds the mistakes of", () => {
    for (const [name, file] of readSuites([MISTAKES])) {
      for (const unifiedTest of name.startsWith("kmsProviders") ? [] : file.tests) {
        test(`${name}: ${unifiedTest.description}`, async () => {
          const result = await runTest(file, unifiedTest, server).catch((error: unknown) => error);
          expect(result).toSatisfy((one) => one instanceof Error || one?.kind === "refused");
        });
      }
    }
  });
});

function readSuites(suites: readonly SuiteFolders[]): [name: string, file: TestFile][] {
  return checkout === "" ? [] : suites.flatMap((suite) => readTestFiles(checkout, suite));
}

function countByReason(skips: readonly Skipped[]): string[] {
  const counts = new Map<string, number>();
  for (const { kind, reason } of skips) {
    const text = `skipped: ${kind}: ${reason}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([text, count]) => `${count} ${text}`);
}
