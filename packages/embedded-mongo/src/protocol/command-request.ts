import { Binary, Long } from "bson";
import { decodePlain, decodePlainElement, decodeTyped } from "../bson/bson-codec.js";
import type { PlainDocument } from "../bson/bson-document.js";
import { elementsOf, findElement, joinElements, type RawElement } from "../bson/bson-elements.js";
import { aliasOfType, BsonType, isNumberType } from "../bson/bson-type.js";
import { badValue, CommandError } from "../errors/command-error.js";
import type { WireRequest } from "./wire-message.js";

/** A command as a handler reads it. Large arrays in it are decoded only by who asks for them. */
export interface CommandRequest {
  readonly name: string;
  readonly db: string;
  readonly body: Buffer;
  readonly fields: ReadonlyMap<string, RawElement>;
  readonly sequences: WireRequest["sequences"];
  /** The client wants no answer. */
  readonly noReply: boolean;
}

export function readCommand(wire: WireRequest): CommandRequest {
  const elements = elementsOf(wire.body);
  const [first] = elements;
  const fields = new Map(elements.map((element) => [element.name, element]));
  const partial = {
    name: first?.name ?? "",
    db: "",
    body: wire.body,
    fields,
    sequences: wire.sequences,
    noReply: wire.noReply,
  };
  return { ...partial, db: wire.legacyDb ?? stringField(partial, "$db") ?? "admin" };
}

/** Another command within this one, as `explain` has it. */
export function innerCommand(request: CommandRequest, field: string): CommandRequest {
  const element = request.fields.get(field);
  if (element?.type !== BsonType.document) {
    throw wrongType(request, field, element?.type ?? BsonType.missing, "object");
  }
  const body = request.body.subarray(element.value, element.end);
  const elements = elementsOf(body);
  return {
    name: elements[0]?.name ?? "",
    db: request.db,
    body,
    fields: new Map(elements.map((inner) => [inner.name, inner])),
    sequences: new Map(),
    noReply: false,
  };
}

function wrongType(request: CommandRequest, field: string, actual: number, expected: string): CommandError {
  return new CommandError(
    "TypeMismatch",
    `BSON field '${request.name}.${field}' is the wrong type '${aliasOfType(actual)}', expected type '${expected}'`,
  );
}

/** A field that is there and not null. */
function present(request: CommandRequest, field: string): RawElement | undefined {
  const element = request.fields.get(field);
  return element === undefined || element.type === BsonType.null || element.type === BsonType.undefined
    ? undefined
    : element;
}

export function plainField(request: CommandRequest, field: string): unknown {
  const element = request.fields.get(field);
  return element === undefined ? undefined : decodePlainElement(request.body, element);
}

/** A field as `decodeTyped` has it, whatever its type. */
export function typedField(request: CommandRequest, field: string): unknown {
  const element = request.fields.get(field);
  return element === undefined
    ? undefined
    : decodeTyped(joinElements([request.body.subarray(element.start, element.end)]))[field];
}

export function stringField(request: CommandRequest, field: string): string | undefined {
  const element = present(request, field);
  if (element === undefined) {
    return undefined;
  }
  if (element.type !== BsonType.string) {
    throw wrongType(request, field, element.type, "string");
  }
  return request.body.toString("utf8", element.value + 4, element.end - 1);
}

export function numberField(request: CommandRequest, field: string): number | undefined {
  const element = present(request, field);
  if (element === undefined) {
    return undefined;
  }
  if (!isNumberType(element.type)) {
    throw wrongType(request, field, element.type, "number");
  }
  const value = decodePlainElement(request.body, element);
  return Number(value instanceof Long ? value.toNumber() : value);
}

/** A count: a whole number that is not negative. */
export function countField(request: CommandRequest, field: string): number | undefined {
  const value = numberField(request, field);
  if (value !== undefined && value < 0) {
    throw new CommandError(
      "Location51024",
      `BSON field '${field}' value must be >= 0, actual value '${value}'`,
    );
  }
  return value === undefined ? undefined : Math.trunc(value);
}

const MAX_MS = 2 ** 31 - 1;

/** A limit of time in milliseconds; 0: none. */
export function millisecondsField(request: CommandRequest, field: string): number {
  const element = present(request, field);
  if (element !== undefined && !isNumberType(element.type)) {
    throw badValue(`${field} must be a number`);
  }
  const value = numberField(request, field) ?? 0;
  if (!(value >= 0 && value <= MAX_MS)) {
    throw badValue(`${value} value for ${field} is out of range [0, ${MAX_MS}]`);
  }
  if (!Number.isInteger(value)) {
    throw badValue(`${field} has non-integral value`);
  }
  return value;
}

/** False where it is absent; numbers count as in C. */
export function booleanField(request: CommandRequest, field: string): boolean | undefined {
  const element = present(request, field);
  if (element === undefined) {
    return undefined;
  }
  if (element.type !== BsonType.boolean && !isNumberType(element.type)) {
    throw wrongType(request, field, element.type, "bool");
  }
  return Boolean(decodePlainElement(request.body, element));
}

/** A document's bytes. */
export function rawDocumentField(request: CommandRequest, field: string): Buffer | undefined {
  const element = present(request, field);
  if (element === undefined) {
    return undefined;
  }
  if (element.type !== BsonType.document) {
    throw wrongType(request, field, element.type, "object");
  }
  return request.body.subarray(element.value, element.end);
}

/** A document as `decodeTyped` has it. */
export function documentField(request: CommandRequest, field: string): PlainDocument | undefined {
  const bytes = rawDocumentField(request, field);
  return bytes === undefined ? undefined : decodeTyped(bytes);
}

export function plainDocumentField(request: CommandRequest, field: string): PlainDocument | undefined {
  const bytes = rawDocumentField(request, field);
  return bytes === undefined ? undefined : decodePlain(bytes);
}

/** The documents of an array, or of a document sequence, as bytes. */
export function documentsField(request: CommandRequest, field: string): readonly Buffer[] {
  const sequence = request.sequences.get(field);
  if (sequence !== undefined) {
    return sequence;
  }
  const element = present(request, field);
  if (element === undefined) {
    throw missingField(request, field);
  }
  if (element.type !== BsonType.array) {
    throw wrongType(request, field, element.type, "array");
  }
  return elementsOf(request.body, element.value).map(({ type, name, value, end }) => {
    if (type !== BsonType.document) {
      throw wrongType(request, `${field}.${name}`, type, "object");
    }
    return request.body.subarray(value, end);
  });
}

export function missingField(request: CommandRequest, field: string): CommandError {
  return new CommandError(
    "Location40414",
    `BSON field '${request.name}.${field}' is missing but a required field`,
  );
}

/** The collection that the command's first field names. */
export function collectionName(request: CommandRequest): string {
  const element = request.fields.get(request.name);
  if (element?.type !== BsonType.string) {
    throw new CommandError(
      "InvalidNamespace",
      `collection name has invalid type ${aliasOfType(element?.type ?? BsonType.missing)}`,
    );
  }
  const name = request.body.toString("utf8", element.value + 4, element.end - 1);
  if (name === "" || name.includes("\0")) {
    throw new CommandError("InvalidNamespace", `Invalid namespace specified '${request.db}.${name}'`);
  }
  return name;
}

/** The id of the session that the command belongs to, as hexadecimal digits. */
export function sessionOf(request: CommandRequest): string | undefined {
  const element = request.fields.get("lsid");
  const id = element?.type === BsonType.document ? findElement(request.body, "id", element.value) : undefined;
  if (id === undefined) {
    return undefined;
  }
  const value = decodePlainElement(request.body, id);
  return value instanceof Binary ? value.toString("hex") : undefined;
}
