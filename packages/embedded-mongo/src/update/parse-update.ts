import { readStage, stageNamed } from "../aggregation/compile-pipeline.js";
import { decodeTyped } from "../bson/bson-codec.js";
import { elementsOf, joinElements } from "../bson/bson-elements.js";
import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { wholeDocument } from "../bson/raw-value.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { shellText } from "../errors/shell-text.js";

const UPDATE_OPERATORS = [
  "$set",
  "$setOnInsert",
  "$unset",
  "$inc",
  "$mul",
  "$min",
  "$max",
  "$currentDate",
  "$push",
  "$addToSet",
  "$pull",
  "$pullAll",
  "$pop",
] as const;
export type UpdateOperator = (typeof UPDATE_OPERATORS)[number];

function isUpdateOperator(name: string): name is UpdateOperator {
  return (UPDATE_OPERATORS as readonly string[]).includes(name);
}

/** One operator on one path. */
export interface FieldUpdate {
  readonly operator: UpdateOperator;
  readonly path: string;
  /** The operator's argument as an element of that path's name. */
  readonly element: Buffer;
}

export type Update =
  | { readonly kind: "replace"; readonly document: Buffer }
  | { readonly kind: "operators"; readonly fields: readonly FieldUpdate[] }
  | { readonly kind: "pipeline"; readonly stages: readonly Buffer[] };

/** The argument as `decodeTyped` has it. */
export function argumentOf(field: FieldUpdate): unknown {
  return decodeTyped(joinElements([field.element]))[field.path];
}

/**
 * @param type of the update: a document or an array
 * @param at where it lies in the bytes
 * @throws CommandError FailedToParse, ConflictingUpdateOperators, …
 */
export function parseUpdate(bytes: Buffer, type: number, at: number, end: number): Update {
  if (type === BsonType.array) {
    return { kind: "pipeline", stages: parseStages(bytes, at) };
  }
  if (type !== BsonType.document) {
    throw new CommandError("FailedToParse", "Update argument must be either an object or an array");
  }
  const operators = elementsOf(bytes, at);
  if (!operators[0]?.name.startsWith("$")) {
    const dollar = operators.find(({ name }) => name.startsWith("$"));
    if (dollar !== undefined) {
      throw new CommandError(
        "DollarPrefixedFieldName",
        `The dollar ($) prefixed field '${dollar.name}' in '${dollar.name}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
    }
    return { kind: "replace", document: bytes.subarray(at, end) };
  }
  const fields: FieldUpdate[] = [];
  for (const operator of operators) {
    parseOperator(bytes, operator, fields);
  }
  checkConflicts(fields);
  return { kind: "operators", fields: fields.length > 1 ? fields.sort(inPathOrder) : fields };
}

function parseStages(bytes: Buffer, at: number): Buffer[] {
  return elementsOf(bytes, at).map((stage) => {
    if (stage.type !== BsonType.document) {
      throw new CommandError("TypeMismatch", "Each element of the 'pipeline' array must be an object");
    }
    const document = bytes.subarray(stage.value, stage.end);
    const [name] = readStage(wholeDocument(document));
    stageNamed(name);
    return document;
  });
}

function parseOperator(
  bytes: Buffer,
  operator: {
    readonly name: string;
    readonly type: number;
    readonly value: number;
    readonly start: number;
    readonly end: number;
  },
  into: FieldUpdate[],
): void {
  const { name } = operator;
  if (!isUpdateOperator(name)) {
    throw name.startsWith("$")
      ? notSupported(`Unknown modifier: ${name}`, "FailedToParse")
      : new CommandError(
          "FailedToParse",
          `The update operator document mixes operators and fields: '${name}'`,
        );
  }
  if (operator.type !== BsonType.document) {
    const found = decodeTyped(joinElements([bytes.subarray(operator.start, operator.end)]));
    throw new CommandError(
      "FailedToParse",
      `Modifiers operate on fields but we found type ${aliasOfType(operator.type)} instead. For example: {$mod: {<field>: ...}} not {${shellText(found).slice(2, -2)}}`,
    );
  }
  for (const field of elementsOf(bytes, operator.value)) {
    checkPath(field.name);
    into.push({ operator: name, path: field.name, element: bytes.subarray(field.start, field.end) });
  }
}

function checkPath(path: string): void {
  if (path === "") {
    throw new CommandError("EmptyFieldName", "An empty update path is not valid.");
  }
  if (!path.includes(".") && !path.startsWith("$")) {
    return;
  }
  const parts = path.split(".");
  if (parts.some((part) => part === "")) {
    throw new CommandError(
      "EmptyFieldName",
      `The update path '${path}' contains an empty field name, which is not allowed.`,
    );
  }
  const positional = parts.find((part) => part === "$" || part.startsWith("$["));
  if (positional !== undefined) {
    throw notSupported(`Positional operator '${positional}' in the path '${path}'`, "BadValue");
  }
  if (path.startsWith("$")) {
    throw new CommandError(
      "DollarPrefixedFieldName",
      `The dollar ($) prefixed field '${path}' in '${path}' is not valid for storage.`,
    );
  }
}

function checkConflicts(fields: readonly FieldUpdate[]): void {
  const paths = fields.map(({ path }) => path);
  if (paths.length < 2) {
    return;
  }
  const seen = new Set<string>();
  const above = new Map<string, string>();
  for (const path of paths) {
    const conflict = conflictOf(path, seen, above);
    if (conflict !== undefined) {
      throw new CommandError(
        "ConflictingUpdateOperators",
        `Updating the path '${path}' would create a conflict at '${conflict}'`,
      );
    }
    seen.add(path);
    for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
      above.set(path.slice(0, dot), path);
    }
  }
}

function conflictOf(
  path: string,
  seen: ReadonlySet<string>,
  above: ReadonlyMap<string, string>,
): string | undefined {
  if (seen.has(path) || above.has(path)) {
    return path;
  }
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const parent = path.slice(0, dot);
    if (seen.has(parent)) {
      return parent;
    }
  }
  return undefined;
}

/** MongoDB applies updates in the order of their paths, so new fields are added in that order. */
function inPathOrder(a: FieldUpdate, b: FieldUpdate): number {
  if (!a.path.includes(".") && !b.path.includes(".")) {
    return compareParts(a.path, b.path);
  }
  const left = a.path.split(".");
  const right = b.path.split(".");
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = compareParts(left[i] ?? "", right[i] ?? "");
    if (order !== 0) {
      return order;
    }
  }
  return left.length - right.length;
}

function compareParts(a: string, b: string): number {
  if (isNumeral(a) && isNumeral(b)) {
    return Number(a) - Number(b);
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

const ZERO = 0x30;
const NINE = 0x39;
function isNumeral(part: string): boolean {
  const first = part.charCodeAt(0);
  return first >= ZERO && first <= NINE && /^\d+$/.test(part);
}
