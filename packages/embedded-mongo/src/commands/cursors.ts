import { Long } from "bson";
import { decodeTyped } from "../bson/bson-codec.js";
import { elementsOf, joinElements } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { badValue, CommandError } from "../errors/command-error.js";
import type { CommandHandler } from "../protocol/command-context.js";
import { type CommandRequest, countField, missingField, stringField } from "../protocol/command-request.js";
import { replyWithNextBatch } from "../protocol/cursor-reply.js";

function cursorId(request: CommandRequest, field: string): bigint {
  const element = request.fields.get(field);
  if (element?.type === BsonType.long) {
    return request.body.readBigInt64LE(element.value);
  }
  throw new CommandError(
    "TypeMismatch",
    `BSON field '${request.name}.${field}' is the wrong type, expected type 'long'`,
  );
}

export const getMore: CommandHandler = (context, request) => {
  if (request.fields.has("maxTimeMS")) {
    throw badValue("cannot set maxTimeMS on getMore command for a non-awaitData cursor");
  }
  const collection = stringField(request, "collection");
  if (collection === undefined) {
    throw missingField(request, "collection");
  }
  const cursor = context.cursors.use(cursorId(request, "getMore"));
  if (cursor.namespace !== `${request.db}.${collection}`) {
    throw new CommandError(
      "Unauthorized",
      `Requested getMore on namespace '${request.db}.${collection}', but cursor belongs to a different namespace ${cursor.namespace}`,
    );
  }
  return replyWithNextBatch(context, cursor, countField(request, "batchSize") || Number.POSITIVE_INFINITY);
};

export const killCursors: CommandHandler = (context, request) => {
  const element = request.fields.get("cursors");
  if (element?.type !== BsonType.array) {
    throw missingField(request, "cursors");
  }
  const cursorsKilled: Long[] = [];
  const cursorsNotFound: Long[] = [];
  for (const { type, start, end, name } of elementsOf(request.body, element.value)) {
    const value: unknown = decodeTyped(joinElements([request.body.subarray(start, end)]))[name];
    if (type !== BsonType.long || !(value instanceof Long)) {
      throw new CommandError("TypeMismatch", `BSON field 'killCursors.cursors.${name}' must be of type long`);
    }
    (context.cursors.kill(value.toBigInt()) ? cursorsKilled : cursorsNotFound).push(value);
  }
  return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] };
};
