import type { AbstractCursor, Db, Document, MongoClient } from "mongodb";
import type { OperationsOn } from "./entities.js";

export const CLIENT_OPERATIONS: OperationsOn<MongoClient> = {
  clientBulkWrite: (client, { models, ...options }) =>
    client.bulkWrite(
      models.flatMap((model: Document) => Object.entries(model).map(([name, one]) => ({ name, ...one }))),
      options,
    ),
  async listDatabases(client, options) {
    return (await client.db("admin").admin().listDatabases(options)).databases;
  },
};

export const DATABASE_OPERATIONS: OperationsOn<Db> = {
  aggregate: (db, { pipeline, ...options }) => db.aggregate(pipeline, options).toArray(),
  createCollection: (db, { collection, ...options }) => db.createCollection(collection, options),
  dropCollection: (db, { collection, ...options }) => db.dropCollection(collection, options),
  listCollections: (db, { filter = {}, ...options }) => db.listCollections(filter, options).toArray(),
  /** The driver has no method for it. */
  modifyCollection: (db, { collection, ...options }) => db.command({ collMod: collection, ...options }),
  runCommand: (db, { command, commandName: _name, ...options }) => db.command(command, options),
  runCursorCommand: (db, options) => commandCursor(db, options).toArray(),
  async createCommandCursor(db, options) {
    const cursor = commandCursor(db, options);
    await cursor.hasNext();
    return cursor;
  },
};

function commandCursor(
  db: Db,
  { command, commandName: _name, batchSize, maxTimeMS, comment, ...options }: Document,
) {
  const cursor = db.runCursorCommand(command, options);
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

export const CURSOR_OPERATIONS: OperationsOn<AbstractCursor> = {
  close: (cursor) => cursor.close(),
  iterateOnce: (cursor) => cursor.tryNext(),
  iterateUntilDocumentOrError: (cursor) => cursor.next(),
};
