import { BsonType } from "./bson-type.js";
import { bigIntOf, decimalText, doubleOf } from "./number-value.js";
import { elementValues, fieldsOf, isNullish, type RawValue, textOf } from "./raw-value.js";

/** A value as MongoDB's messages write it, e.g. `{ _id: "a", n: 1.0 }`. */
export function shellText(value: RawValue): string {
  const { bytes, type, at, end } = value;
  switch (type) {
    case BsonType.string:
    case BsonType.symbol:
      return `"${textOf(value).replace(/["\\]/g, "\\$&")}"`;
    case BsonType.boolean:
      return String(bytes[at] === 1);
    case BsonType.int:
    case BsonType.long:
      return String(bigIntOf(value));
    case BsonType.double: {
      const double = doubleOf(value);
      return Number.isInteger(double) ? double.toFixed(1) : String(double);
    }
    case BsonType.decimal:
      return `NumberDecimal("${decimalText(value)}")`;
    case BsonType.date:
      return `new Date(${bigIntOf(value)})`;
    case BsonType.timestamp:
      return `Timestamp(${bytes.readUInt32LE(at + 4)}, ${bytes.readUInt32LE(at)})`;
    case BsonType.objectId:
      return `ObjectId('${bytes.toString("hex", at, end)}')`;
    case BsonType.binary:
      return `BinData(${bytes[at + 4]}, ${bytes.toString("hex", at + 5, end).toUpperCase()})`;
    case BsonType.regex:
      return `/${bytes.toString("utf8", at, end - 1).replace("\0", "/")}`;
    case BsonType.minKey:
      return "MinKey";
    case BsonType.maxKey:
      return "MaxKey";
    case BsonType.array:
      return enclosed("[", elementValues(value).map(shellText), "]");
    case BsonType.document: {
      const fields = fieldsOf(value).map(([name, field]) => `${name}: ${shellText(field)}`);
      return enclosed("{", fields, "}");
    }
    default:
      return isNullish(value) ? "null" : "";
  }
}

function enclosed(open: string, parts: readonly string[], close: string): string {
  return parts.length === 0 ? `${open}${close}` : `${open} ${parts.join(", ")} ${close}`;
}
