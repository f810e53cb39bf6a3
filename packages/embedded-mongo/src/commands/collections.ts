import { Double, UUID } from "bson";
import type { PlainDocument } from "../bson/bson-document.js";
import { BsonType } from "../bson/bson-type.js";
import { numberOf } from "../bson/number-value.js";
import { encode, fieldOf, type RawValue } from "../bson/raw-value.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { command } from "../protocol/command.js";
import type { CommandContext } from "../protocol/command-context.js";
import { checkFields, documentWith, type FieldRule, fields } from "../protocol/command-fields.js";
import {
  booleanField,
  type CommandRequest,
  collectionName,
  documentField,
  numberField,
  stringField,
} from "../protocol/command-request.js";
import { batchSizeOf, replyWithCursor } from "../protocol/cursor-reply.js";
import { compileFilter } from "../query/compile-filter.js";
import { type Collection, indexesOf } from "../records/catalog.js";
import { ensureCollection } from "../records/database.js";
import { dropCollection, dropping, removeDropped } from "../records/drop-records.js";
import { describeIndex } from "../records/index-definition.js";
import type { Pause } from "../records/pause.js";

const CREATE_FIELDS = fields({
  object: "idIndex",
  refused:
    "capped size max viewOn pipeline validator validationLevel validationAction collation timeseries clusteredIndex expireAfterSeconds changeStreamPreAndPostImages recordPreImages encryptedFields storageEngine indexOptionDefaults",
});

export const create = command(CREATE_FIELDS, (context, request) => {
  const name = collectionName(request);
  const { database } = context;
  return database.write(() => {
    ensureCollection(database, request.db, name);
    return {};
  });
});

export const drop = command(fields({ refused: "collectionUUID" }), (context, request) => {
  const name = collectionName(request);
  const { database } = context;
  return dropping(database, (): PlainDocument => {
    const collection = database.catalog.get(request.db, name);
    if (collection === undefined) {
      return { ns: `${request.db}.${name}` };
    }
    const nIndexesWas = collection.indexes.length + 1;
    dropCollection(database, collection);
    context.cursors.killWhere((cursor) => cursor.namespace === collection.namespace);
    return { nIndexesWas, ns: collection.namespace };
  });
});

export const dropDatabase = command(fields({}), (context, request) => {
  const { database } = context;
  return dropping(database, () => {
    const collections = database.catalog.list(request.db);
    for (const collection of collections) {
      dropCollection(database, collection);
    }
    return collections.length === 0 ? {} : { dropped: request.db };
  });
});

const RENAME_FIELDS = fields({
  string: "renameCollection to",
  flag: "dropTarget",
  refused: "stayTemp collectionUUID",
  required: "renameCollection to",
});

export const renameCollection = command(RENAME_FIELDS, function* (context, request): Generator<
  Pause,
  PlainDocument
> {
  const from = splitNamespace(stringField(request, "renameCollection") ?? "");
  const to = splitNamespace(stringField(request, "to") ?? "");
  const { database } = context;
  database.write(() => {
    const collection = database.catalog.get(from.db, from.name);
    if (collection === undefined) {
      throw new CommandError("NamespaceNotFound", `Source collection ${from.db}.${from.name} does not exist`);
    }
    const target = database.catalog.get(to.db, to.name);
    if (target !== undefined) {
      if (!booleanField(request, "dropTarget")) {
        throw new CommandError("NamespaceExists", "target namespace exists");
      }
      dropCollection(database, target);
    }
    database.catalog.rename(collection, to.db, to.name);
  });
  yield* removeDropped(database);
  return {};
});

function splitNamespace(namespace: string): { db: string; name: string } {
  const dot = namespace.indexOf(".");
  if (dot <= 0 || dot === namespace.length - 1) {
    throw new CommandError("InvalidNamespace", `Invalid namespace specified '${namespace}'`);
  }
  return { db: namespace.slice(0, dot), name: namespace.slice(dot + 1) };
}

// Without users, all collections and databases are authorized.
const LIST_COLLECTIONS_FIELDS = fields({
  object: "filter",
  cursor: "cursor",
  bool: "nameOnly authorizedCollections",
  flag: "includePendingDrops",
});

export const listCollections = command(LIST_COLLECTIONS_FIELDS, (context, request) => {
  const nameOnly = booleanField(request, "nameOnly");
  const matches = compileFilter(documentField(request, "filter"));
  const documents = context.database.catalog
    .list(request.db)
    .map((collection) => describeCollection(collection, nameOnly))
    .filter((document) => matches(document));
  return replyWithCursor(context, request, {
    namespace: `${request.db}.$cmd.listCollections`,
    documents: documents.values(),
    batchSize: batchSizeOf(request),
  });
});

function describeCollection(collection: Collection, nameOnly: boolean): Buffer {
  const head = { name: collection.name, type: "collection" };
  const rest = {
    options: {},
    info: { readOnly: false, uuid: new UUID(collection.uuid) },
    idIndex: describeIndex(collection.idIndex),
  };
  return encode(nameOnly ? head : { ...head, ...rest });
}

const LIST_DATABASES_FIELDS = fields({ object: "filter", flag: "nameOnly", bool: "authorizedDatabases" });

export const listDatabases = command(LIST_DATABASES_FIELDS, (context, request) => {
  const nameOnly = booleanField(request, "nameOnly");
  const matches = compileFilter(documentField(request, "filter"));
  // MongoDB always has `admin`, and clients expect it.
  const sizes = new Map([["admin", 0]]);
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
});

function statsOf(collection: Collection | undefined, scale = 1): PlainDocument {
  const count = collection?.count ?? 0;
  const dataSize = collection?.dataSize ?? 0;
  const size = Math.floor(dataSize / scale);
  const indexes = collection === undefined ? [] : indexesOf(collection);
  return {
    size,
    count,
    ...(count === 0 ? {} : { avgObjSize: Math.floor(dataSize / count) }),
    storageSize: size,
    freeStorageSize: 0,
    capped: false,
    nindexes: indexes.length,
    indexBuilds: [],
    totalIndexSize: 0,
    totalSize: size,
    indexSizes: Object.fromEntries(indexes.map(({ name }) => [name, 0])),
    scaleFactor: scale,
  };
}

export const collStats = command(fields({ scale: "scale" }), (context, request) => {
  const name = collectionName(request);
  const collection = context.database.catalog.get(request.db, name);
  return { ns: `${request.db}.${name}`, ...statsOf(collection, numberField(request, "scale")) };
});

const unserved: FieldRule = (path) => {
  throw notSupported(`'${path}'`);
};

const STATS_FIELDS = fields(
  { object: "count" },
  {
    storageStats: documentWith(fields({ scale: "scale" })),
    latencyStats: unserved,
    queryExecStats: unserved,
  },
);

/** The one document of `$collStats`. */
export function collectionStats(
  context: CommandContext,
  request: CommandRequest,
  source: { readonly name: string; readonly collection: Collection | undefined },
  spec: RawValue,
): PlainDocument {
  if (spec.type !== BsonType.document) {
    throw new CommandError("Location5447000", "$collStats must take a nested object");
  }
  const { count, storageStats } = Object.fromEntries(checkFields("$collStats", spec, STATS_FIELDS));
  if (source.collection === undefined && (count !== undefined || storageStats !== undefined)) {
    throw new CommandError("NamespaceNotFound", `Collection [${request.db}.${source.name}] not found.`);
  }
  return {
    ns: `${request.db}.${source.name}`,
    host: context.server.host,
    localTime: new Date(),
    ...(count !== undefined && { count: source.collection?.count ?? 0 }),
    ...(storageStats !== undefined && {
      storageStats: statsOf(source.collection, numberOf(fieldOf(storageStats, "scale"))),
    }),
  };
}
