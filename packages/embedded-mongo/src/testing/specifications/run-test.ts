import { type Document, type MongoClient, MongoError } from "mongodb";
import { createEntities, type Entities } from "./entities.js";
import { errorMismatch } from "./error-mismatch.js";
import { eventsMismatch } from "./events-mismatch.js";
import { findMismatch } from "./find-mismatch.js";
import { isListing, runOperation, UNAVAILABLE_OPERATIONS } from "./operations.js";
import { type ServerFacts, unmetRequirements } from "./requirements.js";
import {
  assertKnownVersion,
  type CollectionData,
  type Operation,
  type TestFile,
  type UnifiedTest,
} from "./test-file.js";

/** Why a test did not run, or not to its end. */
export interface Skipped {
  readonly kind: "requirements" | "unavailable" | "refused" | "driver";
  readonly reason: string;
}

export interface TestedServer {
  readonly uri: string;
  /** For the runner, apart from the operations of the test. */
  readonly client: MongoClient;
  readonly facts: ServerFacts;
}

/** A test stops at the first command that the server refuses by name. */
class Refused extends Error {}

/** Runs a unified test. Throws if the server, or the driver, does not meet it. */
export async function runTest(
  file: TestFile,
  test: UnifiedTest,
  server: TestedServer,
): Promise<Skipped | undefined> {
  assertKnownVersion(file);
  const skipped = skippedBefore(file, test, server.facts);
  if (skipped !== undefined) {
    return skipped;
  }
  const entities = createEntities(server.uri, server.client);
  try {
    await insertInitialData(file.initialData ?? [], server.client);
    await entities.create(file.createEntities ?? []);
    for (const operation of test.operations) {
      await runExpecting(operation, entities);
    }
    check(test.expectEvents?.map((events) => eventsMismatch(events, entities)));
    check(await Promise.all(test.outcome?.map((data) => outcomeMismatch(data, entities)) ?? []));
    return undefined;
  } catch (error) {
    if (error instanceof Refused) {
      return { kind: "refused", reason: error.message };
    }
    throw error;
  } finally {
    await entities.close();
  }
}

function skippedBefore(file: TestFile, test: UnifiedTest, facts: ServerFacts): Skipped | undefined {
  const unmet =
    unmetRequirements(file.runOnRequirements, facts) ?? unmetRequirements(test.runOnRequirements, facts);
  if (unmet !== undefined) {
    return { kind: "requirements", reason: unmet };
  }
  if (test.skipReason !== undefined) {
    return { kind: "unavailable", reason: test.skipReason };
  }
  const reason = test.operations.map(({ name }) => UNAVAILABLE_OPERATIONS.get(name)).find(Boolean);
  return reason === undefined ? undefined : { kind: "unavailable", reason };
}

async function insertInitialData(collections: readonly CollectionData[], client: MongoClient): Promise<void> {
  for (const { databaseName, collectionName, createOptions, documents } of collections) {
    const collection = client.db(databaseName).collection(collectionName);
    try {
      await collection.drop();
      await client.db(databaseName).createCollection(collectionName, createOptions);
      if (documents.length > 0) {
        await collection.insertMany(documents.map((document) => ({ ...document })));
      }
    } catch (error) {
      stopIfRefused([error]);
      throw error;
    }
  }
}

async function runExpecting(operation: Operation, entities: Entities): Promise<void> {
  const { name, object, expectError, expectResult, saveResultAsEntity } = operation;
  const before = entities.replies.length;
  let result: unknown;
  let error: unknown;
  try {
    result = await runOperation(name, object, operation.arguments ?? {}, entities);
  } catch (thrown) {
    error = thrown;
  }
  stopIfRefused(entities.replies.slice(before));
  if (operation.ignoreResultAndError === true && (error === undefined || error instanceof MongoError)) {
    return;
  }
  if (expectError !== undefined) {
    check([errorMismatch(expectError, error, entities)], name);
    return;
  }
  if (error !== undefined) {
    throw error;
  }
  if ("expectResult" in operation) {
    const extras = isListing(name) ? "ofElements" : "ofRoot";
    check([findMismatch(expectResult, result ?? null, entities, extras)], name);
  }
  if (saveResultAsEntity !== undefined) {
    entities.save(saveResultAsEntity, result);
  }
}

/** Refusals of this server, and those of a standalone MongoDB server. */
const REFUSALS = [
  /not supported by the embedded database/,
  /^Transaction numbers are only allowed on a replica set member or mongos/,
  /^The \$changeStream stage is only supported on replica sets/,
];

function stopIfRefused(replies: readonly unknown[]): void {
  for (const message of replies.flatMap(errorMessages)) {
    if (REFUSALS.some((refusal) => refusal.test(message))) {
      throw new Refused(message);
    }
  }
}

/** Of a failed command, or of the writes that failed in it. */
function errorMessages(reply: unknown): string[] {
  if (reply instanceof Error) {
    return [reply.message];
  }
  const { writeErrors = [] }: Document = reply ?? {};
  return writeErrors.map(({ errmsg }: Document) => errmsg);
}

async function outcomeMismatch(expected: CollectionData, entities: Entities): Promise<string | undefined> {
  const { databaseName, collectionName, documents } = expected;
  const stored = await entities.internalClient
    .db(databaseName)
    .collection(collectionName)
    .find({}, { sort: { _id: 1 } })
    .toArray();
  return findMismatch(documents, stored, entities, "none", `${databaseName}.${collectionName}`);
}

function check(mismatches: readonly (string | undefined)[] = [], what?: string): void {
  const mismatch = mismatches.find((one) => one !== undefined);
  if (mismatch !== undefined) {
    throw new Error(what === undefined ? mismatch : `${what}: ${mismatch}`);
  }
}
