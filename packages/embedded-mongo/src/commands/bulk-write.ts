import { Double, Int32 } from "bson";
import { decodeTyped, encode, type PlainDocument } from "../bson/bson-codec.js";
import {
  allElements,
  elementsOf,
  joinElements,
  type RawElement,
  renameElement,
} from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { CommandError } from "../errors/command-error.js";
import type { CommandHandler } from "../protocol/command-context.js";
import { booleanField, documentField, documentsField } from "../protocol/command-request.js";
import { replyWithCursor } from "../protocol/cursor-reply.js";
import { numberOf } from "../query/compile-filter.js";
import { type Database, ensureCollection } from "../records/database.js";
import { insertRecord } from "../records/write-records.js";
import { withId } from "../update/compile-update.js";
import { batchSizeOf, splitNamespace } from "./collections.js";
import { runDeleteStatement } from "./delete.js";
import { checkBatch } from "./insert.js";
import { runUpdateStatement } from "./update.js";

interface Target {
  readonly db: string;
  readonly name: string;
}

interface Operation {
  readonly kind: string;
  readonly target: Target;
  readonly bytes: Buffer;
  readonly elements: readonly RawElement[];
}

/** What one operation did: the counters of the reply, and the rest of its own result. */
interface Outcome {
  readonly counts: Partial<Record<Counter, number>>;
  readonly result: PlainDocument;
}

const COUNTERS = ["nErrors", "nInserted", "nMatched", "nModified", "nUpserted", "nDeleted"] as const;
type Counter = (typeof COUNTERS)[number];

/** The bulk write of a client, over several collections (MongoDB 8.0): inserts, updates and deletes in one command. */
export const bulkWrite: CommandHandler = (context, request) => {
  const statements = documentsField(request, "ops");
  checkBatch(statements);
  const targets = documentsField(request, "nsInfo").map((bytes) =>
    splitNamespace(String(decodeTyped(bytes).ns)),
  );
  const operations = statements.map((bytes) => readOperation(bytes, targets));
  const variables = documentField(request, "let");
  const ordered = booleanField(request, "ordered") ?? true;
  const errorsOnly = booleanField(request, "errorsOnly") ?? false;
  const totals = new Map<Counter, number>(COUNTERS.map((counter) => [counter, 0]));
  const { database } = context;
  const results = database.write(() => {
    const shown: Buffer[] = [];
    for (const [idx, operation] of operations.entries()) {
      const { counts, result } = attempt(() => runOperation(database, operation, variables));
      for (const counter of COUNTERS) {
        totals.set(counter, (totals.get(counter) ?? 0) + (counts[counter] ?? 0));
      }
      const failed = counts.nErrors !== undefined;
      if (failed || !errorsOnly) {
        shown.push(encode({ ok: new Double(failed ? 0 : 1), idx: new Int32(idx), ...result }));
      }
      if (failed && ordered) {
        break;
      }
    }
    return shown;
  });
  const reply = replyWithCursor(context, request, {
    namespace: "admin.$cmd.bulkWrite",
    documents: results.values(),
    batchSize: batchSizeOf(request),
  });
  return joinElements([allElements(encode(Object.fromEntries(totals))), allElements(reply)]);
};

/** An operation that fails has a result too. */
function attempt(run: () => Outcome): Outcome {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    return {
      counts: { nErrors: 1 },
      result: { n: 0, nModified: 0, code: error.code, errmsg: error.message, ...error.details },
    };
  }
}

function readOperation(bytes: Buffer, targets: readonly Target[]): Operation {
  const elements = elementsOf(bytes);
  const [kind] = elements;
  const index = kind && decodeTyped(joinElements([bytes.subarray(kind.start, kind.end)]))[kind.name];
  const target = targets[numberOf(index) ?? -1];
  if (target === undefined) {
    throw new CommandError(
      "BadValue",
      "an operation of a bulkWrite has to name its collection by an index of nsInfo",
    );
  }
  return { kind: kind?.name ?? "", target, bytes, elements };
}

function runOperation(
  database: Database,
  { kind, target, bytes, elements }: Operation,
  variables: PlainDocument | undefined,
): Outcome {
  switch (kind) {
    case "insert":
      return insertDocument(database, target, bytes, elements);
    case "update": {
      const statement = asStatement(bytes, elements, { filter: "q", updateMods: "u", constants: "c" });
      const { matched, modified, upsertedId } = runUpdateStatement(database, target, statement, variables);
      return upsertedId === undefined
        ? { counts: { nMatched: matched, nModified: modified }, result: { n: matched, nModified: modified } }
        : {
            counts: { nUpserted: 1 },
            result: { n: 1, nModified: 0, upserted: decodeTyped(joinElements([upsertedId])) },
          };
    }
    case "delete": {
      const multi = elements.find(({ name }) => name === "multi");
      const all = multi?.type === BsonType.boolean && bytes[multi.value] === 1;
      const statement = asStatement(bytes, elements, { filter: "q" }, { limit: new Int32(all ? 0 : 1) });
      const n = runDeleteStatement(database, target, statement);
      return { counts: { nDeleted: n }, result: { n } };
    }
    default:
      throw new CommandError("FailedToParse", `an operation of a bulkWrite cannot be '${kind}'`);
  }
}

function insertDocument(
  database: Database,
  { db, name }: Target,
  bytes: Buffer,
  elements: readonly RawElement[],
): Outcome {
  const document = elements.find((element) => element.name === "document");
  if (document?.type !== BsonType.document) {
    throw new CommandError(
      "Location40414",
      "BSON field 'bulkWrite.ops.document' is missing but a required field",
    );
  }
  const collection = ensureCollection(database, db, name);
  insertRecord(database, collection, withId(bytes.subarray(document.value, document.end)));
  return { counts: { nInserted: 1 }, result: { n: 1 } };
}

/** An operation as the commands `update` and `delete` have it. */
function asStatement(
  bytes: Buffer,
  elements: readonly RawElement[],
  names: Readonly<Record<string, string>>,
  more: PlainDocument = {},
): Buffer {
  const renamed = elements
    .slice(1)
    .map((element) => renameElement(bytes, element, names[element.name] ?? element.name));
  return joinElements([...renamed, allElements(encode(more))]);
}
