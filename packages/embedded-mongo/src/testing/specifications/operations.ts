import { once } from "node:events";
import {
  AbstractCursor,
  type AnyBulkWriteOperation,
  ClientSession,
  Collection,
  Db,
  type Document,
  GridFSBucket,
  MongoClient,
  ReadPreference,
} from "mongodb";
import type { Entities } from "./entities.js";
import { findMismatch } from "./find-mismatch.js";

interface Call {
  readonly entities: Entities;
  /** The entity that the operation is called on. */
  readonly object: string;
  readonly options: Document;
}

type Run = (call: Call) => unknown;

/** Operations that return documents from a cursor: each is the root of a document. */
const LISTING = new Set([
  "aggregate",
  "find",
  "listCollections",
  "listDatabases",
  "listIndexes",
  "runCursorCommand",
]);

/** What this driver, or a server without test commands, does not have. Tests that need it are skipped. */
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
  const run = object === "testRunner" ? RUNNER_OPERATIONS[name] : operationOn(entities.get(object), name);
  if (run === undefined) {
    throw new Error(`${name}: unknown operation of ${object}`);
  }
  return await run({ entities, object, options: driverOptions(parameters, entities) });
}

function operationOn(entity: unknown, name: string): Run | undefined {
  for (const [type, operations] of OPERATIONS) {
    if (entity instanceof type) {
      return operations[name];
    }
  }
  return undefined;
}

/** Replaces names of entities, and values that the driver spells differently. */
function driverOptions(parameters: Document, entities: Entities): Document {
  const options = { ...parameters };
  if (options.session !== undefined) {
    options.session = entities.need(options.session, ClientSession);
  }
  if (options.returnDocument !== undefined) {
    const spelling: Record<string, string> = { Before: "before", After: "after" };
    options.returnDocument =
      spelling[options.returnDocument] ?? fail(`returnDocument: ${options.returnDocument}`);
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

function fail(message: string): never {
  throw new Error(message);
}

const clientOf = ({ entities, object }: Call) => entities.need(object, MongoClient);
const databaseOf = ({ entities, object }: Call) => entities.need(object, Db);
const collectionOf = ({ entities, object }: Call) => entities.need(object, Collection);
const bucketOf = ({ entities, object }: Call) => entities.need(object, GridFSBucket);
const cursorOf = ({ entities, object }: Call) => entities.need(object, AbstractCursor);

const CLIENT_OPERATIONS: Record<string, Run> = {
  listDatabases: async (call) =>
    (await clientOf(call).db("admin").admin().listDatabases(call.options)).databases,
  clientBulkWrite(call) {
    const { models, ...options } = call.options;
    return clientOf(call).bulkWrite(
      models.flatMap((model: Document) => Object.entries(model).map(([name, one]) => ({ name, ...one }))),
      options,
    );
  },
};

const DATABASE_OPERATIONS: Record<string, Run> = {
  aggregate(call) {
    const { pipeline, ...options } = call.options;
    return databaseOf(call).aggregate(pipeline, options).toArray();
  },
  async createCollection(call) {
    const { collection, ...options } = call.options;
    await databaseOf(call).createCollection(collection, options);
  },
  dropCollection(call) {
    const { collection, ...options } = call.options;
    return databaseOf(call).dropCollection(collection, options);
  },
  listCollections(call) {
    const { filter = {}, ...options } = call.options;
    return databaseOf(call).listCollections(filter, options).toArray();
  },
  /** The driver has no method for it. */
  modifyCollection(call) {
    const { collection, ...options } = call.options;
    return databaseOf(call).command({ collMod: collection, ...options });
  },
  runCommand(call) {
    const { command, commandName: _name, ...options } = call.options;
    return databaseOf(call).command(command, options);
  },
  runCursorCommand: (call) => commandCursor(call).toArray(),
  async createCommandCursor(call) {
    const cursor = commandCursor(call);
    await cursor.hasNext();
    return cursor;
  },
};

function commandCursor(call: Call) {
  const { command, commandName: _name, batchSize, maxTimeMS, comment, ...options } = call.options;
  const cursor = databaseOf(call).runCursorCommand(command, options);
  if (batchSize !== undefined) {
    cursor.setBatchSize(batchSize);
  }
  if (maxTimeMS !== undefined) {
    cursor.setMaxTimeMS(maxTimeMS);
  }
  if (comment !== undefined) {
    cursor.setComment(comment);
  }
  return cursor;
}

const COLLECTION_OPERATIONS: Record<string, Run> = {
  aggregate(call) {
    const { pipeline, ...options } = call.options;
    return collectionOf(call).aggregate(pipeline, options).toArray();
  },
  bulkWrite(call) {
    const { requests, ...options } = call.options;
    const models: AnyBulkWriteOperation<Document>[] = requests;
    return collectionOf(call).bulkWrite(models, options);
  },
  count(call) {
    const { filter, ...options } = call.options;
    return collectionOf(call).count(filter, options);
  },
  countDocuments(call) {
    const { filter, ...options } = call.options;
    return collectionOf(call).countDocuments(filter, options);
  },
  estimatedDocumentCount: (call) => collectionOf(call).estimatedDocumentCount(call.options),
  createIndex(call) {
    const { keys, ...options } = call.options;
    return collectionOf(call).createIndex(keys, options);
  },
  listIndexes: (call) => collectionOf(call).listIndexes(call.options).toArray(),
  deleteMany(call) {
    const { filter, ...options } = call.options;
    return collectionOf(call).deleteMany(filter, options);
  },
  deleteOne(call) {
    const { filter, ...options } = call.options;
    return collectionOf(call).deleteOne(filter, options);
  },
  distinct(call) {
    const { fieldName, filter, ...options } = call.options;
    return collectionOf(call).distinct(fieldName, filter, options);
  },
  find(call) {
    const { filter, ...options } = call.options;
    return collectionOf(call).find(filter, options).toArray();
  },
  async createFindCursor(call) {
    const { filter = fail("createFindCursor: the filter is missing"), ...options } = call.options;
    const cursor = collectionOf(call).find(filter, options);
    await cursor.hasNext();
    return cursor;
  },
  findOne(call) {
    const { filter, ...options } = call.options;
    return collectionOf(call).findOne(filter, options);
  },
  findOneAndDelete(call) {
    const { filter, ...options } = call.options;
    return collectionOf(call).findOneAndDelete(filter, options);
  },
  findOneAndReplace(call) {
    const { filter, replacement, ...options } = call.options;
    return collectionOf(call).findOneAndReplace(filter, replacement, options);
  },
  findOneAndUpdate(call) {
    const { filter, update, ...options } = call.options;
    return collectionOf(call).findOneAndUpdate(filter, update, options);
  },
  insertMany(call) {
    const { documents, ...options } = call.options;
    return collectionOf(call).insertMany(copy(documents), options);
  },
  insertOne(call) {
    const { document = fail("insertOne: the document is missing"), ...options } = call.options;
    return collectionOf(call).insertOne({ ...document }, options);
  },
  replaceOne(call) {
    const { filter, replacement, ...options } = call.options;
    return collectionOf(call).replaceOne(filter, replacement, options);
  },
  updateMany(call) {
    const { filter, update, ...options } = call.options;
    return collectionOf(call).updateMany(filter, update, options);
  },
  updateOne(call) {
    const { filter, update, ...options } = call.options;
    return collectionOf(call).updateOne(filter, update, options);
  },
};

/** The driver adds `_id` to what it inserts. */
function copy(documents: readonly Document[]): Document[] {
  return documents.map((document) => ({ ...document }));
}

const BUCKET_OPERATIONS: Record<string, Run> = {
  delete: (call) => bucketOf(call).delete(call.options.id),
  async download(call) {
    return Buffer.concat(await bucketOf(call).openDownloadStream(call.options.id).toArray());
  },
  async downloadByName(call) {
    const { filename, ...options } = call.options;
    return Buffer.concat(await bucketOf(call).openDownloadStreamByName(filename, options).toArray());
  },
  rename: (call) => bucketOf(call).rename(call.options.id, call.options.newFilename),
  async upload(call) {
    const { filename, source, ...options } = call.options;
    const stream = bucketOf(call).openUploadStream(filename, options);
    stream.end(Buffer.from(source.$$hexBytes, "hex"));
    await once(stream, "finish");
    return stream.id;
  },
};

const CURSOR_OPERATIONS: Record<string, Run> = {
  close: (call) => cursorOf(call).close(),
  iterateOnce: (call) => cursorOf(call).tryNext(),
  iterateUntilDocumentOrError: (call) => cursorOf(call).next(),
};

const SESSION_OPERATIONS: Record<string, Run> = {
  endSession: ({ entities, object }) => entities.need(object, ClientSession).endSession(),
};

const OPERATIONS = [
  [MongoClient, CLIENT_OPERATIONS],
  [Db, DATABASE_OPERATIONS],
  [Collection, COLLECTION_OPERATIONS],
  [GridFSBucket, BUCKET_OPERATIONS],
  [AbstractCursor, CURSOR_OPERATIONS],
  [ClientSession, SESSION_OPERATIONS],
] as const;

const RUNNER_OPERATIONS: Record<string, Run> = {
  createEntities: ({ entities, options }) => entities.create(options.entities),
  assertSameLsidOnLastTwoCommands({ entities, options }) {
    const mismatch = compareLastSessions(entities, options.client);
    if (mismatch !== undefined) {
      fail(`the last two commands have different sessions: ${mismatch}`);
    }
  },
  assertDifferentLsidOnLastTwoCommands({ entities, options }) {
    if (compareLastSessions(entities, options.client) === undefined) {
      fail("the last two commands have the same session");
    }
  },
  assertSessionNotDirty({ options }) {
    if (options.session.serverSession.isDirty) {
      fail("the session is dirty");
    }
  },
  assertNumberConnectionsCheckedOut({ entities, options }) {
    const events = entities.eventsOf(options.client).map(({ name }) => name);
    const count = (name: string) => events.filter((one) => one === name).length;
    const checkedOut = count("connectionCheckedOutEvent") - count("connectionCheckedInEvent");
    if (checkedOut !== options.connections) {
      fail(`${checkedOut} connections are checked out: expected ${options.connections}`);
    }
  },
  async assertCollectionExists({ entities, options }) {
    const collections = await entities.internalClient
      .db(options.databaseName)
      .listCollections({}, { nameOnly: true })
      .toArray();
    if (!collections.some(({ name }) => name === options.collectionName)) {
      fail(`${options.databaseName}.${options.collectionName} does not exist`);
    }
  },
};

function compareLastSessions(entities: Entities, client: string): string | undefined {
  const [second, last] = entities
    .eventsOf(client)
    .filter(({ name }) => name === "commandStartedEvent")
    .slice(-2);
  if (last?.event.command.lsid === undefined || second?.event.command.lsid === undefined) {
    return fail("the last two commands have no sessions");
  }
  return findMismatch(second.event.command.lsid, last.event.command.lsid, entities);
}
