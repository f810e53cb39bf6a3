import { randomUUID } from "node:crypto";
import { MongoClient } from "mongodb";
import { expect, onTestFinished, test } from "vitest";
import { differencesBetween, indexesOf, loadedCollections } from "../../src/testing/compare-databases.js";
import { finish, inDatabase, startRun } from "../../src/testing/run-process.js";
import { startSandboxProcess } from "../../src/testing/sandbox-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";
import { oneDomain, threeDomains } from "../../src/testing/upstream-data.js";

// An independent server can take minutes for all three domains: ACCEPTANCE_FULL=1 loads them.
const data = process.env.ACCEPTANCE_FULL === "1" ? threeDomains : oneDomain;
const timeoutMs = 900_000;
const mongoUri = process.env.TEST_MONGO_URI ?? "";

test.skipIf(mongoUri === "")(
  `a run over ${data.name} gives the same documents and indexes on the embedded database and on ${mongoUri === "" ? "an independent server (skipped: TEST_MONGO_URI is not set)" : "the server at TEST_MONGO_URI"}`,
  { timeout: timeoutMs },
  async () => {
    const folder = temporaryFolder();
    const embedded = { folder };
    const independent = { folder, mongoUri, db: `acceptance_${randomUUID()}` };
    onTestFinished(async () => {
      const client = new MongoClient(mongoUri);
      await client.db(independent.db).dropDatabase();
      await client.close();
    });
    const sandbox = await startSandboxProcess(data, { folder, quota: "50/600", timeoutMs });

    const here = await finish(startRun(sandbox, embedded, { timeoutMs }));
    const there = await finish(startRun(sandbox, independent, { timeoutMs }));
    expect(here.report.store).toEqual({ kind: "embedded", db: "threat_intelligence" });
    expect(there.report.store).toEqual({ kind: "mongodb", db: independent.db });
    expect(there.steps).toEqual(here.steps);
    expect(here.written).toBeGreaterThan(0);

    await inDatabase(embedded, (one) =>
      inDatabase(independent, async (other) => {
        for (const name of loadedCollections) {
          expect(await one.collection(name).countDocuments(), name).toBeGreaterThan(0);
        }
        expect(await differencesBetween(one, other)).toEqual([]);
        expect(await indexesOf(one)).toEqual(await indexesOf(other));
      }),
    );

    const again = await finish(startRun(sandbox, independent, { timeoutMs }));
    expect(again.written).toBe(0);
  },
);
