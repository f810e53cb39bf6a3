import {
  AbstractCursor,
  ClientSession,
  Collection,
  Db,
  type Document,
  GridFSBucket,
  MongoClient,
  ReadPreference,
} from "mongodb";
import { COLLECTION_OPERATIONS } from "./collection-operations.js";
import { CLIENT_OPERATIONS, CURSOR_OPERATIONS, DATABASE_OPERATIONS } from "./database-operations.js";
import type { Entities, OperationsOn } from "./entities.js";
import { BUCKET_OPERATIONS } from "./gridfs-operations.js";
import { RUNNER_OPERATIONS } from "./runner-operations.js";

/** Operations that return documents from a cursor: each is the root of a document. */
const LISTING = new Set([
  "aggregate",
  "find",
  "listCollections",
  "listDatabases",
  "listIndexes",
  "runCursorCommand",
]);

/** Operations that the driver, or a server without test commands, does not have. Tests that need one are skipped. */
export const UNAVAILABLE_OPERATIONS: ReadonlyMap<string, string> = new Map([
  ["failPoint", "needs a fail point"],
  ["targetedFailPoint", "needs a fail point"],
  ["deleteByName", "the driver cannot delete files by name"],
  ["renameByName", "the driver cannot rename files by name"],
]);

export function isListing(operation: string): boolean {
  return LISTING.has(operation);
}

/** Calls an operation of the unified test format on its entity. */
export async function runOperation(
  name: string,
  object: string,
  parameters: Document,
  entities: Entities,
): Promise<unknown> {
  const options = driverOptions(parameters, entities);
  if (object === "testRunner") {
    return await call(RUNNER_OPERATIONS, name, entities, options);
  }
  const entity = entities.get(object);
  if (entity instanceof MongoClient) {
    return await call(CLIENT_OPERATIONS, name, entity, options);
  }
  if (entity instanceof Db) {
    return await call(DATABASE_OPERATIONS, name, entity, options);
  }
  if (entity instanceof Collection) {
    return await call(COLLECTION_OPERATIONS, name, entity, options);
  }
  if (entity instanceof GridFSBucket) {
    return await call(BUCKET_OPERATIONS, name, entity, options);
  }
  if (entity instanceof AbstractCursor) {
    return await call(CURSOR_OPERATIONS, name, entity, options);
  }
  if (entity instanceof ClientSession) {
    return await call(SESSION_OPERATIONS, name, entity, options);
  }
  throw new Error(`${object}: nothing can be called on this entity`);
}

const SESSION_OPERATIONS: OperationsOn<ClientSession> = { endSession: (session) => session.endSession() };

function call<T>(operations: OperationsOn<T>, name: string, entity: T, options: Document): unknown {
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined) {
    throw new Error(`${name}: unknown operation`);
  }
  return operation(entity, options);
}

/** Replaces names of entities, and values that the driver spells differently. */
function driverOptions(parameters: Document, entities: Entities): Document {
  const options = { ...parameters };
  if (options.session !== undefined) {
    options.session = entities.need(options.session, ClientSession);
  }
  if (options.returnDocument !== undefined) {
    options.returnDocument = returnDocument(options.returnDocument);
  }
  if (options.readPreference !== undefined) {
    options.readPreference = new ReadPreference(options.readPreference.mode);
  }
  if (options.cursorType !== undefined) {
    options.tailable = options.cursorType.startsWith("tailable");
    options.awaitData = options.cursorType === "tailableAwait";
    delete options.cursorType;
  }
  return options;
}

function returnDocument(when: string): "before" | "after" {
  if (when !== "Before" && when !== "After") {
    throw new Error(`returnDocument: unknown value ${when}`);
  }
  return when === "Before" ? "before" : "after";
}
