import { deserialize, EJSON, serialize } from "bson";

/** A document as text that shows the type of each value and the order of the fields. */
export function typedText(document: object): string {
  const typed = deserialize(serialize(document), { promoteValues: false, bsonRegExp: true });
  return EJSON.stringify(typed, { relaxed: false });
}
