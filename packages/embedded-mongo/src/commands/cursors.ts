import { Long } from "bson";
import { bigIntOf } from "../bson/number-value.js";
import { elementValues } from "../bson/raw-value.js";
import { badValue, CommandError } from "../errors/command-error.js";
import { command } from "../protocol/command.js";
import { fields } from "../protocol/command-fields.js";
import { numberField, requiredField, stringField } from "../protocol/command-request.js";
import { replyWithNextBatch } from "../protocol/cursor-reply.js";

const GET_MORE_FIELDS = fields(
  { long: "getMore", string: "collection", count: "batchSize", required: "getMore collection" },
  {
    maxTimeMS: () => {
      throw badValue("cannot set maxTimeMS on getMore command for a non-awaitData cursor");
    },
  },
);

export const getMore = command(GET_MORE_FIELDS, (context, request) => {
  const collection = stringField(request, "collection");
  const cursor = context.cursors.use(bigIntOf(requiredField(request, "getMore")));
  if (cursor.namespace !== `${request.db}.${collection}`) {
    throw new CommandError(
      "Unauthorized",
      `Requested getMore on namespace '${request.db}.${collection}', but cursor belongs to a different namespace ${cursor.namespace}`,
    );
  }
  return replyWithNextBatch(context, cursor, numberField(request, "batchSize") || Number.POSITIVE_INFINITY);
});

export const killCursors = command(fields({ longs: "cursors", required: "cursors" }), (context, request) => {
  const cursorsKilled: Long[] = [];
  const cursorsNotFound: Long[] = [];
  for (const id of elementValues(requiredField(request, "cursors")).map(bigIntOf)) {
    (context.cursors.kill(id) ? cursorsKilled : cursorsNotFound).push(Long.fromBigInt(id));
  }
  return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] };
});
