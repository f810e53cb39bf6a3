import { Double, Long } from "bson";
import { encode } from "../bson/bson-codec.js";
import { BsonType } from "../bson/bson-type.js";
import { MAX_DOCUMENT_BYTES } from "../records/write-records.js";
import type { CommandContext } from "./command-context.js";
import { type CommandRequest, sessionOf } from "./command-request.js";
import type { ServerCursor } from "./cursors.js";

export const DEFAULT_FIRST_BATCH = 101;

export interface FirstBatch {
  readonly namespace: string;
  readonly documents: Iterator<Buffer, void, undefined>;
  readonly batchSize: number;
  /** No cursor stays open. */
  readonly single?: boolean;
  readonly noTimeout?: boolean;
}

/** Answers with the first documents of a result, and opens a cursor for the rest. */
export function replyWithCursor(context: CommandContext, request: CommandRequest, first: FirstBatch): Buffer {
  const batch = takeBatch(first.documents, undefined, first.batchSize);
  if (batch.done || first.single) {
    first.documents.return?.();
    return cursorDocument("firstBatch", batch.documents, 0n, first.namespace);
  }
  const cursor = context.cursors.open({
    namespace: first.namespace,
    documents: first.documents,
    client: context.client,
    session: sessionOf(request),
    noTimeout: first.noTimeout ?? false,
  });
  cursor.held = batch.held;
  return cursorDocument("firstBatch", batch.documents, cursor.id, first.namespace);
}

/** Answers with the next documents of a cursor. */
export function replyWithNextBatch(context: CommandContext, cursor: ServerCursor, batchSize: number): Buffer {
  const batch = takeBatch(cursor.documents, cursor.held, batchSize);
  cursor.held = batch.held;
  if (batch.done) {
    context.cursors.kill(cursor.id);
  }
  return cursorDocument("nextBatch", batch.documents, batch.done ? 0n : cursor.id, cursor.namespace);
}

interface Batch {
  readonly documents: readonly Buffer[];
  readonly held: Buffer | undefined;
  readonly done: boolean;
}

/** Up to so many documents, and up to 16 MB but at least one. */
function takeBatch(
  source: Iterator<Buffer, void, undefined>,
  held: Buffer | undefined,
  batchSize: number,
): Batch {
  const documents: Buffer[] = [];
  let bytes = 0;
  let pending = held;
  for (;;) {
    if (documents.length >= batchSize && (batchSize === 0 || pending !== undefined)) {
      return { documents, held: pending, done: false };
    }
    if (pending === undefined) {
      const next = source.next();
      if (next.done) {
        return { documents, held: undefined, done: true };
      }
      pending = next.value;
    }
    if (
      documents.length >= batchSize ||
      (documents.length > 0 && bytes + pending.length > MAX_DOCUMENT_BYTES)
    ) {
      return { documents, held: pending, done: false };
    }
    documents.push(pending);
    bytes += pending.length;
    pending = undefined;
  }
}

/** `{ cursor: { firstBatch: […], id, ns }, ok: 1 }`, with the documents as they are stored. */
function cursorDocument(
  field: "firstBatch" | "nextBatch",
  documents: readonly Buffer[],
  id: bigint,
  namespace: string,
): Buffer {
  const tail = encode({ id: Long.fromBigInt(id), ns: namespace }).subarray(4);
  const batch = arrayElement(field, documents);
  const cursorLength = 4 + batch.length + tail.length;
  const head = Buffer.alloc(4 + 8 + 4);
  const ok = encode({ ok: new Double(1) }).subarray(4);
  head.writeInt32LE(4 + 8 + cursorLength + ok.length, 0);
  head[4] = BsonType.document;
  head.write("cursor\0", 5);
  head.writeInt32LE(cursorLength, 12);
  return Buffer.concat([head, batch, tail, ok]);
}

/** An array of documents as an element of that name. */
export function arrayElement(name: string, documents: readonly Buffer[]): Buffer {
  const nameLength = Buffer.byteLength(name);
  let length = 5;
  for (let i = 0; i < documents.length; i++) {
    length += 2 + String(i).length + (documents[i]?.length ?? 0);
  }
  const bytes = Buffer.allocUnsafe(2 + nameLength + length);
  bytes[0] = BsonType.array;
  bytes.write(name, 1);
  bytes[1 + nameLength] = 0;
  let position = 2 + nameLength;
  bytes.writeInt32LE(length, position);
  position += 4;
  for (const [i, document] of documents.entries()) {
    bytes[position++] = BsonType.document;
    position += bytes.write(String(i), position, "latin1");
    bytes[position++] = 0;
    bytes.set(document, position);
    position += document.length;
  }
  bytes[position] = 0;
  return bytes;
}
