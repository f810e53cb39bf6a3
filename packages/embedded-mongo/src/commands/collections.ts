import { Double } from "bson";
import { decodePlain, decodeTyped, encode } from "../bson/bson-codec.js";
import { isDocument, type PlainDocument } from "../bson/bson-document.js";
import { joinElements } from "../bson/bson-elements.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import type { CommandContext, CommandHandler } from "../protocol/command-context.js";
import {
  booleanField,
  type CommandRequest,
  collectionName,
  documentField,
  stringField,
} from "../protocol/command-request.js";
import { batchSizeOf, replyWithCursor } from "../protocol/cursor-reply.js";
import { compileFilter } from "../query/compile-filter.js";
import { type Collection, uuidOf } from "../records/catalog.js";
import { describeIndex } from "../records/index-definition.js";
import { dropCollection } from "../records/write-records.js";

const UNSUPPORTED = ["capped", "viewOn", "timeseries", "collation", "validator", "clusteredIndex"];
const ENVELOPE = new Set([
  "create",
  "$db",
  "lsid",
  "writeConcern",
  "comment",
  "$clusterTime",
  "$readPreference",
]);

export const create: CommandHandler = (context, request) => {
  const name = collectionName(request);
  for (const option of UNSUPPORTED) {
    const value = request.fields.get(option);
    if (value !== undefined && !(option === "capped" && booleanField(request, option) === false)) {
      throw notSupported(`create with '${option}'`);
    }
  }
  const { database } = context;
  return database.write(() => {
    const options = [...request.fields.values()].filter((field) => !ENVELOPE.has(field.name));
    const bytes = joinElements(options.map(({ start, end }) => request.body.subarray(start, end)));
    const known = database.catalog.get(request.db, name);
    if (known === undefined) {
      database.catalog.create(request.db, name, decodeTyped(bytes));
    } else if (!known.options.equals(encode(decodeTyped(bytes)))) {
      throw new CommandError("NamespaceExists", `Collection ${request.db}.${name} already exists.`);
    }
    return {};
  });
};

export const drop: CommandHandler = (context, request) => {
  const name = collectionName(request);
  const { database } = context;
  return database.writeDeletion(() => {
    const collection = database.catalog.get(request.db, name);
    if (collection === undefined) {
      return { ns: `${request.db}.${name}` };
    }
    const nIndexesWas = collection.indexes.length + 1;
    dropCollection(database, collection);
    context.cursors.killWhere((cursor) => cursor.namespace === collection.namespace);
    return { nIndexesWas, ns: collection.namespace };
  });
};

export const dropDatabase: CommandHandler = (context, request) => {
  const { database } = context;
  return database.writeDeletion(() => {
    const collections = database.catalog.list(request.db);
    for (const collection of collections) {
      dropCollection(database, collection);
    }
    return collections.length === 0 ? {} : { dropped: request.db };
  });
};

export const renameCollection: CommandHandler = (context, request) => {
  const from = splitNamespace(stringField(request, "renameCollection") ?? "");
  const to = splitNamespace(stringField(request, "to") ?? "");
  const { database } = context;
  return database.write(() => {
    const collection = database.catalog.get(from.db, from.name);
    if (collection === undefined) {
      throw new CommandError("NamespaceNotFound", `Source collection ${from.db}.${from.name} does not exist`);
    }
    const target = database.catalog.get(to.db, to.name);
    if (target !== undefined) {
      if (booleanField(request, "dropTarget") !== true) {
        throw new CommandError("NamespaceExists", "target namespace exists");
      }
      dropCollection(database, target);
    }
    database.catalog.rename(collection, to.db, to.name);
    return {};
  });
};

function splitNamespace(namespace: string): { db: string; name: string } {
  const dot = namespace.indexOf(".");
  if (dot <= 0 || dot === namespace.length - 1) {
    throw new CommandError("InvalidNamespace", `Invalid namespace specified '${namespace}'`);
  }
  return { db: namespace.slice(0, dot), name: namespace.slice(dot + 1) };
}

export const listCollections: CommandHandler = (context, request) => {
  const nameOnly = booleanField(request, "nameOnly") ?? false;
  const matches = compileFilter(documentField(request, "filter") ?? {});
  const documents = context.database.catalog
    .list(request.db)
    .map((collection) => describeCollection(collection, nameOnly))
    .filter((document) => matches(document));
  return replyWithCursor(context, request, {
    namespace: `${request.db}.$cmd.listCollections`,
    documents: documents.values(),
    batchSize: batchSizeOf(request),
  });
};

function describeCollection(collection: Collection, nameOnly: boolean): Buffer {
  const head = { name: collection.name, type: "collection" };
  return encode(
    nameOnly
      ? head
      : {
          ...head,
          options: decodeTyped(collection.options),
          info: { readOnly: false, uuid: uuidOf(collection) },
          idIndex: describeIndex(collection.idIndex),
        },
  );
}

export const listDatabases: CommandHandler = (context, request) => {
  const nameOnly = booleanField(request, "nameOnly") ?? false;
  const matches = compileFilter(documentField(request, "filter") ?? {});
  const sizes = new Map<string, number>();
  for (const { db, dataSize } of context.database.catalog.list()) {
    sizes.set(db, (sizes.get(db) ?? 0) + dataSize);
  }
  const databases = [...sizes].map(([name, size]) =>
    nameOnly ? { name } : { name, sizeOnDisk: new Double(size), empty: size === 0 },
  );
  const shown = databases.filter((database) => matches(encode(database)));
  return nameOnly
    ? { databases: shown }
    : { databases: shown, totalSize: new Double([...sizes.values()].reduce((a, b) => a + b, 0)) };
};

function statsOf(collection: Collection | undefined): PlainDocument {
  const count = collection?.count ?? 0;
  const size = collection?.dataSize ?? 0;
  const indexes = collection === undefined ? [] : [collection.idIndex, ...collection.indexes];
  return {
    size,
    count,
    ...(count === 0 ? {} : { avgObjSize: Math.floor(size / count) }),
    storageSize: size,
    freeStorageSize: 0,
    capped: false,
    nindexes: indexes.length,
    indexBuilds: [],
    totalIndexSize: 0,
    totalSize: size,
    indexSizes: Object.fromEntries(indexes.map(({ name }) => [name, 0])),
    scaleFactor: 1,
  };
}

export const collStats: CommandHandler = (context, request) => {
  const name = collectionName(request);
  const collection = context.database.catalog.get(request.db, name);
  return { ns: `${request.db}.${name}`, ...statsOf(collection) };
};

/** The one document of `$collStats`. */
export function collectionStats(
  context: CommandContext,
  request: CommandRequest,
  source: { readonly name: string; readonly collection: Collection | undefined },
  spec: unknown,
): PlainDocument {
  const asked = isDocument(spec) ? spec : {};
  return {
    ns: `${request.db}.${source.name}`,
    host: context.server.host,
    localTime: new Date(),
    ...("count" in asked ? { count: source.collection?.count ?? 0 } : {}),
    ...("storageStats" in asked ? { storageStats: decodePlain(encode(statsOf(source.collection))) } : {}),
  };
}
