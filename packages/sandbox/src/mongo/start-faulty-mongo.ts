import { connect as connectTo, createServer, type Socket } from "node:net";
import { type Document, deserialize, serialize } from "bson";

/** What goes wrong between the driver and the server. */
export interface MongoFault {
  /** Name of the command, or of several: `insert`, `update`, `find` … */
  readonly command: string | readonly string[];
  /** Only on this collection. Default: on all. */
  readonly collection?: string;
  /**
   * `perWrite`: the writes of `indexes` are refused, the server gets the others. `command`: the whole command is refused, the server gets
   * nothing. `writeConcern`: the server does it, and reports that the write concern was not met. `cut`: the connection is closed once
   * the server has answered, and the answer is lost; `cutBefore`: before it gets the command. `swallow`: the command is lost, and the
   * connection stays open; `swallowReply`: the answer is. `blackHole`: from then on
   * everything is, on all connections. `stall`: nothing is read from the driver any more once a message
   * too large for one packet has begun, which fills its socket.
   */
  readonly mode:
    | "perWrite"
    | "command"
    | "writeConcern"
    | "cut"
    | "cutBefore"
    | "swallow"
    | "swallowReply"
    | "blackHole"
    | "stall";
  readonly code?: number;
  readonly errmsg?: string;
  readonly labels?: readonly string[];
  /** Of `perWrite`: which writes of the command. Default: the first. */
  readonly indexes?: readonly number[] | "all";
  /** Refuses only writes or commands that hold this text, wherever it stands; `indexes` does not count then. */
  readonly holding?: string;
  /** So many of these commands pass first. Default: none. */
  readonly after?: number;
  /** How often. Default: once. */
  readonly times?: number;
}

export interface FaultyMongo {
  /** For the driver: leads to the server by way of the faults. */
  readonly uri: string;
  /** How often a fault happened. */
  hits(): number;
  /** From now on everything passes. */
  heal(): void;
  /** Cuts all connections. */
  close(): Promise<void>;
}

const headerBytes = 16;
const opMsg = 2013;
const sequenceNames = ["documents", "updates", "deletes"];

/**
 * Puts faults between a driver and a MongoDB server, on loopback. A driver that is told to retry (`retryWrites`, on a replica set) meets
 * a fault twice per attempt.
 *
 * @param parameters of the connection string, such as `socketTimeoutMS=500`
 */
export async function startFaultyMongo(
  uri: string,
  faults: readonly MongoFault[],
  parameters = "",
): Promise<FaultyMongo> {
  const { hostname, port } = new URL(uri);
  const left = faults.map((fault) => ({ fault, after: fault.after ?? 0, times: fault.times ?? 1 }));
  const sockets = new Set<Socket>();
  let hits = 0;

  const hole = { isOpen: false };

  function take(command: Command): MongoFault | undefined {
    const found = left.find(
      ({ fault, times }) =>
        times > 0 && command.isWhole === (fault.mode !== "stall") && isMeant(fault, command),
    );
    if (found !== undefined && found.after > 0) {
      found.after -= 1;
      return undefined;
    }
    if (found !== undefined) {
      found.times -= 1;
      hits += 1;
    }
    return found?.fault;
  }

  const proxy = createServer((client) => {
    const server = connectTo(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        server.destroy();
      });
    }
    pass(client, server, take, hole);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  const proxyPort = typeof address === "object" && address !== null ? address.port : 0;
  return {
    uri: `mongodb://127.0.0.1:${proxyPort}/?directConnection=true${parameters && `&${parameters}`}`,
    hits: () => hits,
    heal: () => {
      left.length = 0;
    },
    async close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

interface Command {
  readonly name: string;
  readonly body: Document;
  /** Its writes, where it has some, and under which name they are sent. */
  readonly sequence: string | undefined;
  readonly writes: readonly Document[];
  /** Whether all of its message is there. */
  readonly isWhole: boolean;
}

function pass(
  client: Socket,
  server: Socket,
  take: (command: Command) => MongoFault | undefined,
  hole: { isOpen: boolean },
): void {
  const rewrites = new Map<number, (reply: Document) => Document>();
  const lost = new Map<number, "cut" | "swallowReply">();
  const splitRequests = splitter();
  const splitReplies = splitter();

  client.on("data", (chunk: Buffer) => {
    if (hole.isOpen) {
      return;
    }
    const messages = splitRequests(chunk);
    if (messages.length === 0) {
      const begun = parseBeginning(chunk);
      if (begun !== undefined && take(begun)?.mode === "stall") {
        client.pause();
      }
    }
    for (const message of messages) {
      const command = parseCommand(message);
      const fault = command && take(command);
      if (command === undefined || fault === undefined) {
        server.write(message);
      } else {
        apply(fault, command, message);
      }
    }
  });
  server.on("data", (chunk: Buffer) => {
    if (hole.isOpen) {
      return;
    }
    for (const message of splitReplies(chunk)) {
      const request = message.readInt32LE(8);
      const rewrite = rewrites.get(request);
      const loss = lost.get(request);
      rewrites.delete(request);
      lost.delete(request);
      if (loss === "cut") {
        client.destroy();
      } else if (loss === undefined) {
        client.write(
          rewrite === undefined ? message : encode(request, rewrite(deserialize(bodyOf(message)))),
        );
      }
    }
  });

  function apply(fault: MongoFault, command: Command, message: Buffer): void {
    const id = message.readInt32LE(4);
    const { code = 0, errmsg = "a fault of the test", labels = [] } = fault;
    const marked = labels.length === 0 ? {} : { errorLabels: labels };
    switch (fault.mode) {
      case "command":
        client.write(encode(id, { ok: 0, code, errmsg, ...marked }));
        return;
      case "perWrite": {
        const refused = indexesOf(fault, command.writes);
        const writeErrors = refused.map((index) => ({ index, code, errmsg }));
        const kept = [...command.writes.keys()].filter((index) => !refused.includes(index));
        if (kept.length === 0) {
          client.write(encode(id, { ok: 1, n: 0, nModified: 0, writeErrors, ...marked }));
          return;
        }
        rewrites.set(id, (reply) => ({ ...renumbered(reply, kept, writeErrors), ...marked }));
        server.write(encodeCommand(id, command, kept));
        return;
      }
      case "writeConcern":
        rewrites.set(id, (reply) => ({ ...reply, writeConcernError: { code, errmsg }, ...marked }));
        server.write(message);
        return;
      case "cut":
      case "swallowReply":
        lost.set(id, fault.mode);
        server.write(message);
        return;
      case "cutBefore":
        client.destroy();
        return;
      case "blackHole":
        hole.isOpen = true;
        return;
      case "swallow":
      case "stall":
    }
  }
}

function isMeant({ command, collection, holding }: MongoFault, { name, body, writes }: Command): boolean {
  return (
    [command].flat().includes(name) &&
    (collection === undefined || body[name] === collection) &&
    (holding === undefined || holds([body, ...writes], holding))
  );
}

function indexesOf({ indexes = [0], holding }: MongoFault, writes: readonly Document[]): readonly number[] {
  const all = [...writes.keys()];
  if (holding !== undefined) {
    return all.filter((index) => holds(writes[index], holding));
  }
  return indexes === "all" ? all : all.filter((index) => indexes.includes(index));
}

function holds(value: unknown, text: string): boolean {
  return JSON.stringify(value).includes(text);
}

/** The server's reply to some of the writes, as one to all of them. */
function renumbered(
  reply: Document,
  kept: readonly number[],
  writeErrors: readonly { readonly index: number }[],
): Document {
  const renumber = (list: unknown) =>
    Array.isArray(list) ? list.map((entry) => ({ ...entry, index: kept[entry.index] })) : [];
  const upserted = renumber(reply.upserted);
  const errors = [...renumber(reply.writeErrors), ...writeErrors].sort(
    (one, other) => one.index - other.index,
  );
  return { ...reply, ...(upserted.length > 0 && { upserted }), writeErrors: errors };
}

function splitter(): (chunk: Buffer) => readonly Buffer[] {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const messages: Buffer[] = [];
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      messages.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    return messages;
  };
}

/** Of an OP_MSG: header, flags, then sections. Anything else is no command that a fault could be meant for. */
function parseCommand(message: Buffer): Command | undefined {
  if (message.readInt32LE(12) !== opMsg) {
    return undefined;
  }
  let body: Document = {};
  let sequence: string | undefined;
  let writes: Document[] = [];
  for (let at = headerBytes + 4; at < message.length; ) {
    const length = message.readInt32LE(at + 1);
    const section = message.subarray(at + 1, at + 1 + length);
    if (message[at] === 0) {
      body = deserialize(section);
    } else {
      const nameEnd = section.indexOf(0, 4);
      sequence = section.toString("utf8", 4, nameEnd);
      writes = documentsIn(section.subarray(nameEnd + 1));
    }
    at += 1 + length;
  }
  const [name = ""] = Object.keys(body);
  const inBody = sequenceNames.find((field) => Array.isArray(body[field]));
  return inBody === undefined
    ? { name, body, sequence, writes, isWhole: true }
    : { name, body, sequence: inBody, writes: body[inBody], isWhole: true };
}

/** The command of an OP_MSG whose end has not come yet: its name, and the collection after it. */
function parseBeginning(message: Buffer): Command | undefined {
  if (message.length < headerBytes + 64 || message.readInt32LE(12) !== opMsg) {
    return undefined;
  }
  const [name = ""] = message.toString("latin1", headerBytes + 10).split("\0", 1);
  const at = headerBytes + 10 + name.length + 1;
  const collection = message.toString("utf8", at + 4, at + 3 + message.readInt32LE(at));
  return { name, body: { [name]: collection }, sequence: undefined, writes: [], isWhole: false };
}

function documentsIn(bytes: Buffer): Document[] {
  const documents: Document[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at)) {
    documents.push(deserialize(bytes.subarray(at, at + bytes.readInt32LE(at))));
  }
  return documents;
}

function bodyOf(message: Buffer): Buffer {
  return message.subarray(headerBytes + 5);
}

/** The command with some of its writes, all in its body. */
function encodeCommand(
  requestId: number,
  { body, sequence, writes }: Command,
  kept: readonly number[],
): Buffer {
  return encode(
    0,
    { ...body, ...(sequence && { [sequence]: kept.map((index) => writes[index]) }) },
    requestId,
  );
}

function encode(responseTo: number, body: Document, requestId = 0): Buffer {
  const bytes = serialize(body);
  const message = Buffer.alloc(headerBytes + 5 + bytes.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(requestId, 4);
  message.writeInt32LE(responseTo, 8);
  message.writeInt32LE(opMsg, 12);
  message.set(bytes, headerBytes + 5);
  return message;
}
