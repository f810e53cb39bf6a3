import { decodePlainElement } from "../bson/bson-codec.js";
import { elementsOf, type RawElement } from "../bson/bson-elements.js";
import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { CommandError, type ErrorName, notSupported } from "../errors/command-error.js";

/**
 * Checks a field that is there and not null.
 *
 * @param path as errors name it: `find.filter`
 * @throws CommandError where the field is not valid, or is refused
 */
export type FieldRule = (path: string, bytes: Buffer, element: RawElement) => void;

/** The fields that a command, or a document within one, takes. */
export interface FieldRules {
  readonly rules: ReadonlyMap<string, FieldRule>;
  readonly required: readonly string[];
}

/** A rule for a value, as `decodePlain` has it. */
export function valueRule(check: (value: unknown, path: string) => void): FieldRule {
  return (path, bytes, element) => check(decodePlainElement(bytes, element), path);
}

function ofType(...types: readonly number[]): FieldRule {
  return (path, _bytes, { type }) => {
    if (!types.includes(type)) {
      const names = types.map(aliasOfType).join(", ");
      const expected = types.length === 1 ? `type '${names}'` : `types '[${names}]'`;
      throw new CommandError(
        "TypeMismatch",
        `BSON field '${path}' is the wrong type '${aliasOfType(type)}', expected ${expected}`,
      );
    }
  };
}

const number = ofType(BsonType.long, BsonType.int, BsonType.decimal, BsonType.double);
const object = ofType(BsonType.document);

function numberFrom(least: number): FieldRule {
  return (path, bytes, element) => {
    number(path, bytes, element);
    const value = Number(decodePlainElement(bytes, element));
    if (value < least) {
      const name = path.slice(path.indexOf(".") + 1);
      const message = `BSON field '${name}' value must be >= ${least}, actual value '${value}'`;
      throw new CommandError("Location51024", message);
    }
  };
}

function hint(_path: string, _bytes: Buffer, { type }: RawElement): void {
  if (type !== BsonType.string && type !== BsonType.document) {
    throw new CommandError("FailedToParse", "Hint must be a string or an object");
  }
}

function arrayOf(rule: FieldRule): FieldRule {
  const array = ofType(BsonType.array);
  return (path, bytes, element) => {
    array(path, bytes, element);
    for (const item of elementsOf(bytes, element.value)) {
      rule(`${path}.${item.name}`, bytes, item);
    }
  };
}

/** A document with fields of its own. */
export function documentWith(rules: FieldRules): FieldRule {
  return (path, bytes, element) => {
    object(path, bytes, element);
    checkFields(path, bytes, elementsOf(bytes, element.value), rules);
  };
}

/** A field of MongoDB that is not served: only false, 0 and an empty document or array, which change nothing, pass. */
export function refused(codeName?: ErrorName): FieldRule {
  return (path, bytes, element) => {
    const { type, value, end } = element;
    const isNothing =
      type === BsonType.document || type === BsonType.array
        ? end - value === 5
        : Number(decodePlainElement(bytes, element)) === 0;
    if (!isNothing) {
      throw notSupported(`'${path}'`, codeName);
    }
  };
}

/** What a value may be, by the name that `fields` gives it. */
const KINDS = {
  any: () => {},
  string: ofType(BsonType.string),
  bool: ofType(BsonType.boolean),
  /** A truth value that may be a number, too. */
  flag: ofType(BsonType.boolean, BsonType.long, BsonType.int, BsonType.decimal, BsonType.double),
  number,
  /** Not negative. */
  count: numberFrom(0),
  /** What sizes are divided by. */
  scale: numberFrom(1),
  long: ofType(BsonType.long),
  longs: arrayOf(ofType(BsonType.long)),
  binary: ofType(BsonType.binary),
  object,
  /** An array of them, or a document sequence of the message. */
  documents: arrayOf(object),
  hint,
  cursor: documentWith({ rules: new Map([["batchSize", numberFrom(0)]]), required: [] }),
  refused: refused(),
};

const RULES = new Map<string, FieldRule>(Object.entries(KINDS));

/** Whether a field may be a document sequence of the message. */
export function isDocumentSequence(rule: FieldRule | undefined): boolean {
  return rule === KINDS.documents;
}

/**
 * @param kinds names of fields, separated by spaces, by the kind of their values; `required` repeats those that must
 *   be there
 * @param special rules of fields of no such kind
 */
export function fields(
  { required, ...kinds }: { readonly [kind in keyof typeof KINDS | "required"]?: string },
  special: Readonly<Record<string, FieldRule>> = {},
): FieldRules {
  const rules = new Map(Object.entries(special));
  for (const [kind, names] of Object.entries(kinds)) {
    for (const name of names.split(" ")) {
      rules.set(name, RULES.get(kind) ?? KINDS.any);
    }
  }
  return { rules, required: required?.split(" ") ?? [] };
}

/** Of the commands that write. There are no validators, and empty timestamps stay as they are. */
export const WRITE_KINDS = {
  bool: "ordered",
  flag: "bypassDocumentValidation bypassEmptyTsReplacement",
  refused: "stmtIds collectionUUID encryptionInformation",
};

/**
 * Checks the fields of a command, or of a document within one, as MongoDB's IDL parser does.
 *
 * @param path what errors put before a field's name
 * @param isOther whether a field without a rule is accepted
 * @param isThere whether a required field is given elsewhere
 * @returns the fields by name, without those that are null
 * @throws CommandError 40413 for a duplicate, 40414 for a missing and 40415 for an unknown field, TypeMismatch, and
 *   what the rules throw
 */
export function checkFields(
  path: string,
  bytes: Buffer,
  elements: readonly RawElement[],
  { rules, required }: FieldRules,
  isOther: (name: string) => boolean = () => false,
  isThere: (name: string) => boolean = () => false,
): ReadonlyMap<string, RawElement> {
  const found = new Map<string, RawElement>();
  for (const element of elements) {
    const { name, type } = element;
    const rule = rules.get(name);
    if (found.has(name)) {
      throw duplicateField(path, name);
    }
    if (rule === undefined && !isOther(name)) {
      throw unknownField(path, name);
    }
    if (type !== BsonType.null && type !== BsonType.undefined) {
      rule?.(`${path}.${name}`, bytes, element);
      found.set(name, element);
    }
  }
  const missing = required.find((name) => !found.has(name) && !isThere(name));
  if (missing !== undefined) {
    throw missingField(path, missing);
  }
  return found;
}

export function duplicateField(path: string, name: string): CommandError {
  return new CommandError("Location40413", `BSON field '${path}.${name}' is a duplicate field`);
}

function missingField(path: string, name: string): CommandError {
  return new CommandError("Location40414", `BSON field '${path}.${name}' is missing but a required field`);
}

export function unknownField(path: string, name: string): CommandError {
  return new CommandError("Location40415", `BSON field '${path}.${name}' is an unknown field.`);
}
