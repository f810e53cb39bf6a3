import { checkDocument, elementsOf } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";

/** A request in either form of the wire protocol (docs: "MongoDB Wire Protocol"). */
export interface WireRequest {
  readonly requestId: number;
  /** The command document. */
  readonly body: Buffer;
  /** Documents sent beside the command (section kind 1), by the field they stand for. */
  readonly sequences: ReadonlyMap<string, readonly Buffer[]>;
  /** The client wants no answer. */
  readonly noReply: boolean;
  /** OP_QUERY, which drivers use for their first hello: answered with OP_REPLY. */
  readonly legacy: boolean;
  /** OP_QUERY names the database in front of the document. */
  readonly legacyDb?: string;
}

/** The bytes cannot be a message: the connection must be closed. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

export const MAX_MESSAGE_BYTES = 48_000_000;
const HEADER_BYTES = 16;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
const REQUIRED_FLAGS = 0xffff;

/** Cuts a stream of bytes into messages. */
export function messageSplitter(): (chunk: Buffer) => Buffer[] {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  return (chunk) => {
    pending.push(chunk);
    pendingBytes += chunk.length;
    const messages: Buffer[] = [];
    while (pendingBytes >= HEADER_BYTES) {
      const first = pending[0];
      if (first === undefined || first.length < 4) {
        pending = [Buffer.concat(pending)];
        continue;
      }
      const length = first.readInt32LE(0);
      if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
        throw new MalformedMessageError(
          `a message of ${length} bytes: expected ${HEADER_BYTES} to ${MAX_MESSAGE_BYTES}`,
        );
      }
      if (pendingBytes < length) {
        break;
      }
      const bytes = pending.length === 1 ? first : Buffer.concat(pending);
      messages.push(bytes.subarray(0, length));
      pending = bytes.length > length ? [bytes.subarray(length)] : [];
      pendingBytes -= length;
    }
    return messages;
  };
}

/** @throws MalformedMessageError, or CommandError InvalidBSON */
export function parseMessage(message: Buffer): WireRequest {
  const requestId = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  if (opCode === OP_MSG) {
    return parseOpMsg(message, requestId);
  }
  if (opCode === OP_QUERY) {
    return parseOpQuery(message, requestId);
  }
  throw new MalformedMessageError(`opcode ${opCode} is not served: expected OP_MSG or OP_QUERY`);
}

function documentAt(message: Buffer, at: number, limit: number): Buffer {
  return message.subarray(at, checkDocument(message, at, limit));
}

function parseOpMsg(message: Buffer, requestId: number): WireRequest {
  if (message.length < HEADER_BYTES + 4) {
    throw new MalformedMessageError("an OP_MSG without flags");
  }
  const flags = message.readUInt32LE(HEADER_BYTES);
  if ((flags & REQUIRED_FLAGS & ~(CHECKSUM_PRESENT | MORE_TO_COME)) !== 0) {
    throw new MalformedMessageError(`an OP_MSG with unknown required flags: ${flags}`);
  }
  const limit = message.length - ((flags & CHECKSUM_PRESENT) !== 0 ? 4 : 0);
  const sequences = new Map<string, readonly Buffer[]>();
  let body: Buffer | undefined;
  let position = HEADER_BYTES + 4;
  while (position < limit) {
    const kind = message[position];
    if (kind === 0 && body === undefined) {
      body = documentAt(message, position + 1, limit);
      position += 1 + body.length;
    } else if (kind === 1) {
      position = parseSequence(message, position + 1, limit, sequences);
    } else {
      throw new MalformedMessageError(`an OP_MSG with section kind ${kind}`);
    }
  }
  if (body === undefined) {
    throw new MalformedMessageError("an OP_MSG without a body");
  }
  return { requestId, body, sequences, noReply: (flags & MORE_TO_COME) !== 0, legacy: false };
}

function parseSequence(
  message: Buffer,
  at: number,
  limit: number,
  into: Map<string, readonly Buffer[]>,
): number {
  const end = at + 4 <= limit ? at + message.readInt32LE(at) : limit + 1;
  const nameEnd = message.indexOf(0, at + 4);
  if (end > limit || end < at + 5 || nameEnd < 0 || nameEnd >= end) {
    throw new MalformedMessageError("an OP_MSG with a cut off document sequence");
  }
  const documents: Buffer[] = [];
  let position = nameEnd + 1;
  while (position < end) {
    const document = documentAt(message, position, end);
    documents.push(document);
    position += document.length;
  }
  into.set(message.toString("utf8", at + 4, nameEnd), documents);
  return end;
}

function parseOpQuery(message: Buffer, requestId: number): WireRequest {
  const nameEnd = message.indexOf(0, HEADER_BYTES + 4);
  if (nameEnd < 0 || nameEnd + 9 >= message.length) {
    throw new MalformedMessageError("an OP_QUERY that is cut off");
  }
  const namespace = message.toString("utf8", HEADER_BYTES + 4, nameEnd);
  let body = documentAt(message, nameEnd + 9, message.length);
  const [first] = elementsOf(body);
  if ((first?.name === "$query" || first?.name === "query") && first.type === BsonType.document) {
    body = body.subarray(first.value, first.end);
  }
  return {
    requestId,
    body,
    sequences: new Map(),
    noReply: false,
    legacy: true,
    legacyDb: namespace.split(".", 1)[0] ?? "admin",
  };
}

let nextResponseId = 1;

/** Encodes the answer in the form of its request. */
export function encodeReply(request: WireRequest, body: Buffer): Buffer[] {
  const fixed = request.legacy ? 20 : 5;
  const head = Buffer.alloc(HEADER_BYTES + fixed);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(nextResponseId++ | 0, 4);
  head.writeInt32LE(request.requestId, 8);
  head.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  if (request.legacy) {
    // responseFlags: AwaitCapable; numberReturned: 1.
    head.writeInt32LE(8, HEADER_BYTES);
    head.writeInt32LE(1, HEADER_BYTES + 16);
  }
  return [head, body];
}
