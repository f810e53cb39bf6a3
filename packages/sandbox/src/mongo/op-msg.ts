import { type Document, deserialize, serialize } from "bson";

const headerBytes = 16;
const opMsg = 2013;
const sequenceNames = ["documents", "updates", "deletes"];

/** A command as a driver sends it. */
export interface Command {
  readonly name: string;
  readonly body: Document;
  /** Its writes, where it has some, and under which name they are sent. */
  readonly sequence: string | undefined;
  readonly writes: readonly Document[];
  /** Whether all of its message is there. */
  readonly isWhole: boolean;
}

/** Cuts the stream of one side of a connection into messages. */
export function createSplitter(): (chunk: Buffer) => readonly Buffer[] {
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

/** Reads an OP_MSG: header, flags, then sections. Faults are meant for no other message. */
export function parseCommand(message: Buffer): Command | undefined {
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
export function parseBeginning(message: Buffer): Command | undefined {
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

/** The document of a reply, which has one section. */
export function parseReply(message: Buffer): Document {
  return deserialize(message.subarray(headerBytes + 5));
}

/** The id by which a reply names its request. */
export function requestIdOf(message: Buffer): number {
  return message.readInt32LE(4);
}

/** The id of the request that a reply answers. */
export function answeredIdOf(reply: Buffer): number {
  return reply.readInt32LE(8);
}

/** The command with some of its writes, all in its body. */
export function encodeCommand(
  requestId: number,
  { body, sequence, writes }: Command,
  kept: readonly number[],
): Buffer {
  const keptWrites = sequence && { [sequence]: kept.map((index) => writes[index]) };
  return encode(requestId, 0, { ...body, ...keptWrites });
}

/** A reply to the request with this id. */
export function encodeOpReply(requestId: number, body: Document): Buffer {
  return encode(0, requestId, body);
}

function encode(requestId: number, responseTo: number, body: Document): Buffer {
  const bytes = serialize(body);
  const message = Buffer.alloc(headerBytes + 5 + bytes.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(requestId, 4);
  message.writeInt32LE(responseTo, 8);
  message.writeInt32LE(opMsg, 12);
  message.set(bytes, headerBytes + 5);
  return message;
}
