import { Double, Long } from "bson";
import { allElements, elementHead, joinElements } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { numberOf } from "../bson/number-value.js";
import { encode, fieldOf } from "../bson/raw-value.js";
import { PAUSE, type Pause } from "../records/pause.js";
import { checkDocumentSize, MAX_DOCUMENT_BYTES } from "../records/write-records.js";
import type { CommandContext } from "./command-context.js";
import { type CommandRequest, documentField, sessionOf } from "./command-request.js";
import type { ServerCursor } from "./cursors.js";

export const DEFAULT_FIRST_BATCH = 101;

export interface FirstBatch {
  readonly namespace: string;
  readonly documents: Iterator<Buffer | Pause, void, undefined>;
  readonly batchSize: number;
  /** No cursor stays open. */
  readonly single?: boolean;
  readonly noTimeout?: boolean;
}

/** How many documents the first answer may have, by the option `cursor`. */
export function batchSizeOf(request: CommandRequest, otherwise = Number.POSITIVE_INFINITY): number {
  return numberOf(fieldOf(documentField(request, "cursor"), "batchSize")) ?? otherwise;
}

/** Answers with the first documents of a result, and opens a cursor for the rest. */
export function* replyWithCursor(
  context: CommandContext,
  request: CommandRequest,
  first: FirstBatch,
): Generator<Pause, Buffer, undefined> {
  let keepsOpen = false;
  try {
    const batch = yield* takeBatch(first.documents, undefined, first.batchSize);
    keepsOpen = !batch.done && !first.single;
    if (!keepsOpen) {
      return cursorDocument("firstBatch", batch.documents, 0n, first.namespace);
    }
    const cursor = context.cursors.open({
      namespace: first.namespace,
      documents: first.documents,
      client: context.operation.origin.client,
      session: sessionOf(request),
      noTimeout: first.noTimeout ?? false,
      held: batch.held,
      timeLeftMs: context.operation.deadlineMs - performance.now(),
    });
    // The cursor keeps the rest of the time.
    context.operation.deadlineMs = Number.POSITIVE_INFINITY;
    return cursorDocument("firstBatch", batch.documents, cursor.id, first.namespace);
  } finally {
    if (!keepsOpen) {
      first.documents.return?.();
    }
  }
}

/** Answers with the next documents of a cursor. If this fails, the cursor is closed. */
export function* replyWithNextBatch(
  context: CommandContext,
  cursor: ServerCursor,
  batchSize: number,
): Generator<Pause, Buffer, undefined> {
  const { operation } = context;
  operation.deadlineMs = performance.now() + cursor.timeLeftMs;
  cursor.operation = operation;
  let keepsOpen = false;
  try {
    const batch = yield* takeBatch(cursor.documents, cursor.held, batchSize);
    cursor.held = batch.held;
    keepsOpen = !batch.done;
    return cursorDocument("nextBatch", batch.documents, keepsOpen ? cursor.id : 0n, cursor.namespace);
  } finally {
    cursor.operation = undefined;
    cursor.lastUsed = Date.now();
    cursor.timeLeftMs = operation.deadlineMs - performance.now();
    if (!keepsOpen) {
      context.cursors.kill(cursor.id);
    }
  }
}

interface Batch {
  readonly documents: readonly Buffer[];
  readonly held: Buffer | undefined;
  readonly done: boolean;
}

/** Up to `batchSize` documents and 16 MB, but at least one document. @throws CommandError BSONObjectTooLarge */
function* takeBatch(
  source: Iterator<Buffer | Pause, void, undefined>,
  held: Buffer | undefined,
  batchSize: number,
): Generator<Pause, Batch, undefined> {
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
      if (next.value === PAUSE) {
        yield PAUSE;
        continue;
      }
      pending = next.value;
      checkDocumentSize(pending);
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
  const batch = documents.flatMap((document, i) => [elementHead(BsonType.document, String(i)), document]);
  const cursor = [
    elementHead(BsonType.array, field),
    ...enclose(batch),
    allElements(encode({ id: Long.fromBigInt(id), ns: namespace })),
  ];
  return joinElements([
    elementHead(BsonType.document, "cursor"),
    ...enclose(cursor),
    allElements(encode({ ok: new Double(1) })),
  ]);
}

const DOCUMENT_END = Buffer.from([0]);

/** The parts of a document that has these elements. A batch is large: its bytes are copied once, with the whole answer. */
function enclose(elements: readonly Buffer[]): readonly Buffer[] {
  const length = Buffer.alloc(4);
  length.writeInt32LE(elements.reduce((sum, element) => sum + element.length, 5));
  return [length, ...elements, DOCUMENT_END];
}
