import { decodeTyped } from "../bson/bson-codec.js";
import { joinElements, renameElement } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { elementValues } from "../bson/raw-value.js";
import { sortableBytes } from "../bson/sortable-value.js";
import { someLeaf } from "../bson/values-at-path.js";
import { command } from "../protocol/command.js";
import { type CommandResult, readVariables } from "../protocol/command-context.js";
import { fields } from "../protocol/command-fields.js";
import { collectionName, stringField } from "../protocol/command-request.js";
import { type FoundRecord, findRecords } from "../records/find-records.js";
import { PAUSE, type Pause } from "../records/pause.js";
import { readQuery } from "./find.js";

const FIELDS = fields({
  string: "key",
  object: "query",
  hint: "hint",
  refused: "collation collectionUUID encryptionInformation",
  required: "key",
});

export const distinct = command(FIELDS, (context, request) => {
  const key = stringField(request, "key") ?? "";
  const collection = context.database.catalog.get(request.db, collectionName(request));
  const query = readQuery(request, readVariables(context, request), "query");
  return collection === undefined
    ? { values: [] }
    : distinctValues(findRecords(context.database, collection, query), key.split("."));
});

function* distinctValues(
  records: Iterable<FoundRecord | Pause>,
  path: readonly string[],
): Generator<Pause, CommandResult, undefined> {
  const values = new Map<string, { readonly order: Buffer; readonly value: unknown }>();
  for (const record of records) {
    if (record === PAUSE) {
      yield PAUSE;
      continue;
    }
    someLeaf(record.document, 0, path, (leaf) => {
      for (const { bytes, type, at, end } of leaf.type === BsonType.array ? elementValues(leaf) : [leaf]) {
        const order = sortableBytes(bytes, type, at, end);
        const text = order.toString("latin1");
        if (type !== BsonType.missing && !values.has(text)) {
          const element = { type, name: "v", start: at, value: at, end };
          values.set(text, {
            order,
            value: decodeTyped(joinElements([renameElement(bytes, element, "v")])).v,
          });
        }
      }
      return false;
    });
  }
  const sorted = [...values.values()].sort((a, b) => a.order.compare(b.order));
  return { values: sorted.map(({ value }) => value) };
}
