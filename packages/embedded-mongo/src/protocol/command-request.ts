import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { doubleOf } from "../bson/number-value.js";
import {
  documentBytes,
  EMPTY_DOCUMENT,
  elementValues,
  fieldOf,
  fieldsOf,
  isNullish,
  isTrue,
  MISSING,
  type RawValue,
  textOf,
  wholeDocument,
} from "../bson/raw-value.js";
import { badValue, CommandError } from "../errors/command-error.js";
import type { WireRequest } from "./wire-message.js";

/** A command as a handler reads it: its fields have the types that the command declares. */
export interface CommandRequest {
  readonly name: string;
  readonly db: string;
  readonly body: Buffer;
  readonly fields: ReadonlyMap<string, RawValue>;
  readonly sequences: WireRequest["sequences"];
  /** The client wants no answer. */
  readonly noReply: boolean;
}

export function readCommand({ body, sequences, noReply, legacyDb }: WireRequest): CommandRequest {
  const db = fieldOf(wholeDocument(body), "$db");
  const named = db.type === BsonType.string ? textOf(db) : "admin";
  return { ...requestOf(body, legacyDb ?? named), sequences, noReply };
}

/** Another command within this one, as `explain` has it. */
export function innerCommand(request: CommandRequest, field: string): CommandRequest {
  return requestOf(documentBytes(documentField(request, field)), request.db);
}

function requestOf(body: Buffer, db: string): CommandRequest {
  const fields = new Map(fieldsOf(wholeDocument(body)));
  const [name = ""] = fields.keys();
  return { name, db, body, fields, sequences: new Map(), noReply: false };
}

/** A field that is there and not null. */
export function presentField(request: CommandRequest, field: string): RawValue | undefined {
  const value = request.fields.get(field);
  return value === undefined || isNullish(value) ? undefined : value;
}

/** A field that the command declares as required. */
export function requiredField(request: CommandRequest, field: string): RawValue {
  return request.fields.get(field) ?? MISSING;
}

export function stringField(request: CommandRequest, field: string): string | undefined {
  const value = presentField(request, field);
  return value && textOf(value);
}

/** A number without its fraction. */
export function numberField(request: CommandRequest, field: string): number | undefined {
  const value = presentField(request, field);
  return value && Math.trunc(doubleOf(value));
}

/** Numbers count as in C. */
export function booleanField(request: CommandRequest, field: string, otherwise = false): boolean {
  const value = presentField(request, field);
  return value === undefined ? otherwise : isTrue(value);
}

/** A document; empty if the field is missing. */
export function documentField(request: CommandRequest, field: string): RawValue {
  return presentField(request, field) ?? EMPTY_DOCUMENT;
}

/** The documents of an array, or of a document sequence. */
export function documentsField(request: CommandRequest, field: string): readonly RawValue[] {
  const array = presentField(request, field);
  return array === undefined ? (request.sequences.get(field) ?? []).map(wholeDocument) : elementValues(array);
}

/** The collection that the command's first field names. */
export function collectionName(request: CommandRequest): string {
  const value = request.fields.get(request.name);
  if (value?.type !== BsonType.string) {
    throw badValue(`collection name has invalid type ${aliasOfType(value?.type ?? BsonType.missing)}`);
  }
  const name = textOf(value);
  if (name === "" || name.includes("\0")) {
    throw new CommandError("InvalidNamespace", `Invalid namespace specified '${request.db}.${name}'`);
  }
  return name;
}

/** The session that the command belongs to. */
export function sessionOf(request: CommandRequest): string | undefined {
  return sessionKey(documentField(request, "lsid"));
}

/** @param session as `lsid` names it: `{ id: UUID }` */
export function sessionKey(session: RawValue): string | undefined {
  const id = fieldOf(session, "id");
  return id.type === BsonType.binary ? documentBytes(id).toString("hex") : undefined;
}
