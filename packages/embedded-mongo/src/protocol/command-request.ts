import { Binary } from "bson";
import { decodePlainElement, decodeTyped, decodeTypedElement } from "../bson/bson-codec.js";
import type { PlainDocument } from "../bson/bson-document.js";
import { elementsOf, joinElements, type RawElement } from "../bson/bson-elements.js";
import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { badValue, CommandError } from "../errors/command-error.js";
import type { WireRequest } from "./wire-message.js";

/**
 * A command as a handler reads it: its fields have the types that the command declares. Large arrays in it are decoded
 * only by who asks for them.
 */
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
  const db = fields.get("$db")?.type === BsonType.string ? stringField(partial, "$db") : undefined;
  return { ...partial, db: wire.legacyDb ?? db ?? "admin" };
}

/** Another command within this one, as `explain` has it. */
export function innerCommand(request: CommandRequest, field: string): CommandRequest {
  const body = rawDocumentField(request, field) ?? joinElements([]);
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

/** A field that is there and not null. */
function present(request: CommandRequest, field: string): RawElement | undefined {
  const element = request.fields.get(field);
  return element === undefined || element.type === BsonType.null || element.type === BsonType.undefined
    ? undefined
    : element;
}

/** A field as `decodeTyped` has it. */
export function typedField(request: CommandRequest, field: string): unknown {
  const element = present(request, field);
  return element && decodeTypedElement(request.body, element);
}

export function stringField(request: CommandRequest, field: string): string | undefined {
  const element = present(request, field);
  return element === undefined
    ? undefined
    : request.body.toString("utf8", element.value + 4, element.end - 1);
}

/** A number without its fraction. */
export function numberField(request: CommandRequest, field: string): number | undefined {
  const element = present(request, field);
  return element === undefined ? undefined : Math.trunc(Number(decodePlainElement(request.body, element)));
}

/** Numbers count as in C. */
export function booleanField(request: CommandRequest, field: string): boolean | undefined {
  const element = present(request, field);
  return element === undefined ? undefined : Boolean(decodePlainElement(request.body, element));
}

/** A document's bytes. */
export function rawDocumentField(request: CommandRequest, field: string): Buffer | undefined {
  const element = present(request, field);
  return element === undefined ? undefined : request.body.subarray(element.value, element.end);
}

/** A document as `decodeTyped` has it. */
export function documentField(request: CommandRequest, field: string): PlainDocument | undefined {
  const bytes = rawDocumentField(request, field);
  return bytes === undefined ? undefined : decodeTyped(bytes);
}

/** The documents of an array, or of a document sequence, as bytes. */
export function documentsField(request: CommandRequest, field: string): readonly Buffer[] {
  const array = present(request, field);
  return array === undefined
    ? (request.sequences.get(field) ?? [])
    : elementsOf(request.body, array.value).map(({ value, end }) => request.body.subarray(value, end));
}

/** The collection that the command's first field names. */
export function collectionName(request: CommandRequest): string {
  const element = request.fields.get(request.name);
  if (element?.type !== BsonType.string) {
    throw badValue(`collection name has invalid type ${aliasOfType(element?.type ?? BsonType.missing)}`);
  }
  const name = request.body.toString("utf8", element.value + 4, element.end - 1);
  if (name === "" || name.includes("\0")) {
    throw new CommandError("InvalidNamespace", `Invalid namespace specified '${request.db}.${name}'`);
  }
  return name;
}

/** The id of the session that the command belongs to, as hexadecimal digits. */
export function sessionOf(request: CommandRequest): string | undefined {
  const id: unknown = documentField(request, "lsid")?.id;
  return id instanceof Binary ? id.toString("hex") : undefined;
}
