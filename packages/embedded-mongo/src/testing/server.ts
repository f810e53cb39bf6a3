import { randomUUID } from "node:crypto";
import { type Db, type Document, MongoClient, MongoServerError } from "mongodb";
import { afterAll, beforeAll } from "vitest";
import { type EmbeddedMongo, startEmbeddedMongo } from "../server/start-embedded-mongo.js";

export interface TestServer {
  readonly server: EmbeddedMongo;
  readonly client: MongoClient;
  /** A database of the test's own. */
  db(): Db;
}

/** Starts a temporary server for the tests of a file. */
export function useServer(): TestServer {
  const started: { server?: EmbeddedMongo; client?: MongoClient } = {};
  beforeAll(async () => {
    started.server = await startEmbeddedMongo();
    started.client = await new MongoClient(started.server.uri).connect();
  });
  afterAll(async () => {
    await started.client?.close();
    await started.server?.close();
  });
  const need = <T>(value: T | undefined): T => {
    if (value === undefined) {
      throw new Error("the test server is not running");
    }
    return value;
  };
  return {
    get server() {
      return need(started.server);
    },
    get client() {
      return need(started.client);
    },
    db: () => need(started.client).db(`test_${randomUUID().slice(0, 8)}`),
  };
}

/** The error that a server answers with. */
export async function serverError(work: Promise<unknown>): Promise<MongoServerError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof MongoServerError) {
      return error;
    }
    throw error;
  }
  throw new Error("expected the server to refuse this");
}

/** Names of the stages of a plan, outermost first. */
export function stagesOf(explained: Document): string[] {
  const stages: string[] = [];
  let stage: Document | undefined = explained.queryPlanner?.winningPlan;
  while (stage !== undefined) {
    stages.push(String(stage.stage));
    stage = stage.inputStage;
  }
  return stages;
}
