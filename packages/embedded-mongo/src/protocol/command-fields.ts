import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { doubleOf } from "../bson/number-value.js";
import {
  elementValues,
  fieldsOf,
  isEmpty,
  isNullish,
  isTrue,
  type RawValue,
  textOf,
} from "../bson/raw-value.js";
import { badValue, CommandError, type ErrorName, notSupported } from "../errors/command-error.js";

/**
 * Checks a field that is there and not null.
 *
 * @param path as errors name it: `find.filter`
 * @throws CommandError if the field is not valid, or is refused
 */
export type FieldRule = (path: string, value: RawValue) => void;

/** The fields that a command, or a document within one, takes. */
export interface FieldRules {
  readonly rules: ReadonlyMap<string, FieldRule>;
  readonly required: readonly string[];
}

function ofType(...types: readonly number[]): FieldRule {
  return (path, { type }) => {
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
const string = ofType(BsonType.string);
const object = ofType(BsonType.document);

function numberFrom(least: number): FieldRule {
  return (path, value) => {
    number(path, value);
    if (doubleOf(value) < least) {
      const name = path.slice(path.indexOf(".") + 1);
      const message = `BSON field '${name}' value must be >= ${least}, actual value '${doubleOf(value)}'`;
      throw new CommandError("Location51024", message);
    }
  };
}

/** One of these texts. */
export function oneOf(...texts: readonly string[]): FieldRule {
  return (path, value) => {
    string(path, value);
    if (!texts.includes(textOf(value))) {
      throw badValue(`Enumeration value '${textOf(value)}' for field '${path}' is not a valid value.`);
    }
  };
}

function hint(_path: string, { type }: RawValue): void {
  if (type !== BsonType.string && type !== BsonType.document) {
    throw new CommandError("FailedToParse", "Hint must be a string or an object");
  }
}

function arrayOf(rule: FieldRule): FieldRule {
  const array = ofType(BsonType.array);
  return (path, value) => {
    array(path, value);
    for (const [i, item] of elementValues(value).entries()) {
      rule(`${path}.${i}`, item);
    }
  };
}

/** A document with fields of its own. */
export function documentWith(rules: FieldRules): FieldRule {
  return (path, value) => {
    object(path, value);
    checkFields(path, value, rules);
  };
}

/** A field of MongoDB that is not served: only false, 0 and an empty document or array, which change nothing, pass. */
export function refused(codeName?: ErrorName): FieldRule {
  return (path, value) => {
    if (isTrue(value) && !isEmpty(value)) {
      throw notSupported(`'${path}'`, codeName);
    }
  };
}

/** What a value may be, by the name that `fields` gives it. */
const KINDS = {
  any: () => {},
  string,
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

/** Fields of all commands that write. There are no validators, and empty timestamps stay as they are. */
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
  document: RawValue,
  { rules, required }: FieldRules,
  isOther: (name: string) => boolean = () => false,
  isThere: (name: string) => boolean = () => false,
): ReadonlyMap<string, RawValue> {
  const found = new Map<string, RawValue>();
  for (const [name, value] of fieldsOf(document)) {
    const rule = rules.get(name);
    if (found.has(name)) {
      throw duplicateField(path, name);
    }
    if (rule === undefined && !isOther(name)) {
      throw unknownField(path, name);
    }
    if (!isNullish(value)) {
      rule?.(`${path}.${name}`, value);
      found.set(name, value);
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
