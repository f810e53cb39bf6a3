import { BsonType } from "../bson/bson-type.js";
import { arrayValue, documentBytes, elementValues, type RawValue, wholeDocument } from "../bson/raw-value.js";
import { sortableBytes } from "../bson/sortable-value.js";
import { someLeaf } from "../bson/values-at-path.js";
import { CommandError } from "../errors/command-error.js";
import { command } from "../protocol/command.js";
import { type CommandResult, readVariables } from "../protocol/command-context.js";
import { fields } from "../protocol/command-fields.js";
import { collectionName, stringField } from "../protocol/command-request.js";
import { type FoundRecord, findRecords } from "../records/find-records.js";
import { type Pause, takeItems } from "../records/pause.js";
import { type SortEntry, sortEntries } from "../records/sort-entries.js";
import { MAX_DOCUMENT_BYTES } from "../records/write-records.js";
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
  return distinctValues(findRecords(context.database, collection, query), key.split("."));
});

/** The type and the index of an array's element. */
const ELEMENT_BYTES = 8;

function* distinctValues(
  records: Iterable<FoundRecord | Pause>,
  path: readonly string[],
): Generator<Pause, CommandResult, undefined> {
  /** By their sortable bytes; each value has its type in front. */
  const values = new Map<string, SortEntry>();
  let size = 0;
  yield* takeItems(records, ({ document }) => {
    someLeaf(wholeDocument(document), path, (leaf) => {
      for (const value of leaf.type === BsonType.array ? elementValues(leaf) : [leaf]) {
        const key = sortableBytes(value);
        const text = key.toString("latin1");
        if (value.type !== BsonType.missing && !values.has(text)) {
          values.set(text, { key, value: Buffer.concat([Buffer.from([value.type]), documentBytes(value)]) });
          size += value.end - value.at + ELEMENT_BYTES;
        }
      }
      return false;
    });
    if (size > MAX_DOCUMENT_BYTES) {
      throw new CommandError("Location17217", "distinct too big, 16mb cap");
    }
  });
  const found: RawValue[] = [];
  yield* takeItems(sortEntries(values.values()), (value) => {
    found.push({ bytes: value, type: value[0] ?? 0, at: 1, end: value.length });
  });
  return { values: arrayValue(found) };
}
