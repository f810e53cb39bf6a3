import {
  ClientSession,
  type CommandFailedEvent,
  type CommandSucceededEvent,
  Db,
  type Document,
  GridFSBucket,
  MongoClient,
  ReadConcern,
  ReadPreference,
} from "mongodb";

/** An event as unified tests name it, e.g. `commandStartedEvent`. */
export interface ObservedEvent {
  readonly name: string;
  readonly event: Document;
}

/** The objects that a test calls operations on, and the results that it saves. */
export interface Entities {
  /** For the runner, apart from the operations of the test's clients. */
  readonly internalClient: MongoClient;
  get(id: string): unknown;
  /** Throws if the entity does not exist, or is of another class. */
  need<T>(id: string, type: abstract new (...values: never[]) => T): T;
  save(id: string, value: unknown): void;
  create(descriptions: readonly Document[]): Promise<void>;
  /** All events that the clients were to observe, by the client. */
  eventsOf(client: string): readonly ObservedEvent[];
  /** Replies to all commands of all clients. */
  readonly replies: readonly Document[];
  close(): Promise<void>;
}

/** Operations of the unified test format on an entity, by their names. */
export type OperationsOn<T> = Readonly<Record<string, (entity: T, options: Document) => unknown>>;

/** Entities of a test that runs against the server at `uri`, to which `internalClient` is connected. */
export function createEntities(uri: string, internalClient: MongoClient): Entities {
  const values = new Map<string, unknown>();
  const events = new Map<string, ObservedEvent[]>();
  const replies: Document[] = [];
  const entities: Entities = {
    replies,
    internalClient,
    eventsOf(client) {
      entities.need(client, MongoClient);
      return events.get(client) ?? [];
    },
    get(id) {
      if (!values.has(id)) {
        throw new Error(`${id}: unknown entity`);
      }
      return values.get(id);
    },
    need(id, type) {
      const value = entities.get(id);
      if (!(value instanceof type)) {
        throw new Error(`${id}: this entity is not a ${type.name}`);
      }
      return value;
    },
    save(id, value) {
      if (values.has(id)) {
        throw new Error(`${id}: this entity exists already`);
      }
      values.set(id, value);
    },
    async create(descriptions) {
      for (const [kind, description] of descriptions.flatMap((one) => Object.entries(one))) {
        if (kind === "client") {
          events.set(description.id, []);
        }
        const observed = events.get(description.id) ?? [];
        entities.save(description.id, createEntity(kind, description, entities, uri, observed, replies));
      }
    },
    async close() {
      for (const value of values.values()) {
        if (value instanceof ClientSession) {
          await value.endSession();
        }
      }
      for (const value of values.values()) {
        if (value instanceof MongoClient) {
          await value.close();
        }
      }
    },
  };
  return entities;
}

function createEntity(
  kind: string,
  description: Document,
  entities: Entities,
  uri: string,
  observed: ObservedEvent[],
  replies: Document[],
): unknown {
  switch (kind) {
    case "client":
      return createClient(description, uri, observed, replies);
    case "database":
      return entities
        .need(description.client, MongoClient)
        .db(description.databaseName, driverOptions(description.databaseOptions));
    case "collection":
      return entities
        .need(description.database, Db)
        .collection(description.collectionName, driverOptions(description.collectionOptions));
    case "session":
      return entities.need(description.client, MongoClient).startSession(description.sessionOptions);
    case "bucket":
      return new GridFSBucket(entities.need(description.database, Db), description.bucketOptions);
    default:
      throw new Error(`${kind}: unknown kind of entity`);
  }
}

function createClient(
  description: Document,
  uri: string,
  observed: ObservedEvent[],
  replies: Document[],
): MongoClient {
  const address = new URL(uri);
  for (const [name, value] of Object.entries(description.uriOptions ?? {})) {
    address.searchParams.set(name, String(value));
  }
  const client = new MongoClient(address.href, {
    monitorCommands: true,
    ...(description.serverApi === undefined ? {} : { serverApi: description.serverApi }),
  });
  client.on("commandSucceeded", (event: CommandSucceededEvent) => replies.push(reply(event)));
  client.on("commandFailed", (event: CommandFailedEvent) => replies.push(event.failure));
  for (const name of description.observeEvents ?? []) {
    const ignored = ["configureFailPoint", ...(description.ignoreCommandMonitoringEvents ?? [])];
    observe(client, name, (event) => {
      if (!ignored.includes(event.commandName)) {
        observed.push({ name, event: plainEvent(event) });
      }
    });
  }
  return client;
}

function reply(event: CommandSucceededEvent): Document {
  return typeof event.reply === "object" && event.reply !== null ? event.reply : {};
}

/** The event's names are the driver's with `Event` at their end. */
function observe(client: MongoClient, name: string, listener: (event: Document) => void): void {
  const known = [
    "commandStarted",
    "commandSucceeded",
    "commandFailed",
    "connectionReady",
    "connectionCheckedOut",
    "connectionCheckedIn",
    "connectionCreated",
    "connectionClosed",
    "poolReady",
    "poolCreated",
    "poolCleared",
  ] as const;
  const event = known.find((one) => `${one}Event` === name);
  if (event === undefined) {
    throw new Error(`${name}: unknown event`);
  }
  client.on(event, listener);
}

/** A copy, because the driver continues to use the command. */
function plainEvent(event: Document): Document {
  const { commandName, databaseName, command, reply: answer } = event;
  return { commandName, databaseName, command, reply: answer };
}

function driverOptions(options: Document = {}): Document {
  const { readConcern, readPreference, ...others } = options;
  return {
    ...others,
    ...(readConcern === undefined ? {} : { readConcern: new ReadConcern(readConcern.level) }),
    ...(readPreference === undefined ? {} : { readPreference: new ReadPreference(readPreference.mode) }),
  };
}
