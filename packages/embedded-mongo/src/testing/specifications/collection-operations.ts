import type { Collection, Document } from "mongodb";
import type { OperationsOn } from "./entities.js";

/** Documents are copied before an insert, because the driver adds `_id` to them. */
export const COLLECTION_OPERATIONS: OperationsOn<Collection> = {
  aggregate: (collection, { pipeline, ...options }) => collection.aggregate(pipeline, options).toArray(),
  bulkWrite: (collection, { requests, ...options }) => collection.bulkWrite(requests, options),
  count: (collection, { filter, ...options }) => collection.count(filter, options),
  countDocuments: (collection, { filter, ...options }) => collection.countDocuments(filter, options),
  createIndex: (collection, { keys, ...options }) => collection.createIndex(keys, options),
  deleteMany: (collection, { filter, ...options }) => collection.deleteMany(filter, options),
  deleteOne: (collection, { filter, ...options }) => collection.deleteOne(filter, options),
  distinct: (collection, { fieldName, filter, ...options }) =>
    collection.distinct(fieldName, filter, options),
  estimatedDocumentCount: (collection, options) => collection.estimatedDocumentCount(options),
  find: (collection, { filter, ...options }) => collection.find(filter, options).toArray(),
  findOne: (collection, { filter, ...options }) => collection.findOne(filter, options),
  findOneAndDelete: (collection, { filter, ...options }) => collection.findOneAndDelete(filter, options),
  findOneAndReplace: (collection, { filter, replacement, ...options }) =>
    collection.findOneAndReplace(filter, replacement, options),
  findOneAndUpdate: (collection, { filter, update, ...options }) =>
    collection.findOneAndUpdate(filter, update, options),
  insertMany: (collection, { documents, ...options }) =>
    collection.insertMany(
      documents.map((one: Document) => ({ ...one })),
      options,
    ),
  insertOne(collection, { document, ...options }) {
    if (document === undefined) {
      throw new Error("insertOne: the document is missing");
    }
    return collection.insertOne({ ...document }, options);
  },
  listIndexes: (collection, options) => collection.listIndexes(options).toArray(),
  replaceOne: (collection, { filter, replacement, ...options }) =>
    collection.replaceOne(filter, replacement, options),
  updateMany: (collection, { filter, update, ...options }) => collection.updateMany(filter, update, options),
  updateOne: (collection, { filter, update, ...options }) => collection.updateOne(filter, update, options),
  async createFindCursor(collection, { filter, ...options }) {
    if (filter === undefined) {
      throw new Error("createFindCursor: the filter is missing");
    }
    const cursor = collection.find(filter, options);
    await cursor.hasNext();
    return cursor;
  },
};
