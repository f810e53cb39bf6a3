import { decodePlainElement } from "../bson/bson-codec.js";
import { elementsOf, type RawElement } from "../bson/bson-elements.js";
import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { badValue, CommandError, type ErrorName, notSupported } from "../errors/command-error.js";

/** What a field must look like. Null counts as absent. */
export interface FieldRule {
  readonly required?: boolean;
  /** @throws CommandError where the field is not valid, or is refused; its path is as errors name it: `find.filter` */
  check(path: string, bytes: Buffer, element: RawElement): void;
}

/** The fields that a command, or a document within one, takes. */
export type FieldRules = Readonly<Record<string, FieldRule>>;

/** A rule for a value, as `decodePlain` has it. */
export function valueRule(check: (value: unknown, path: string) => void): FieldRule {
  return { check: (path, bytes, element) => check(decodePlainElement(bytes, element), path) };
}

/** One rule after another. */
function both(first: FieldRule, second: FieldRule): FieldRule {
  return {
    check: (path, bytes, element) => {
      first.check(path, bytes, element);
      second.check(path, bytes, element);
    },
  };
}

function ofType(...types: readonly number[]): FieldRule {
  return {
    check: (path, _bytes, { type }) => {
      if (!types.includes(type)) {
        const names = types.map(aliasOfType).join(", ");
        throw new CommandError(
          "TypeMismatch",
          `BSON field '${path}' is the wrong type '${aliasOfType(type)}', expected ${types.length === 1 ? `type '${names}'` : `types '[${names}]'`}`,
        );
      }
    },
  };
}

const numbers = [BsonType.long, BsonType.int, BsonType.decimal, BsonType.double] as const;

function numberFrom(least: number): FieldRule {
  const inRange = valueRule((value, path) => {
    if (Number(value) < least) {
      const name = path.slice(path.indexOf(".") + 1);
      throw new CommandError(
        "Location51024",
        `BSON field '${name}' value must be >= ${least}, actual value '${String(value)}'`,
      );
    }
  });
  return both(ofType(...numbers), inRange);
}

const object = ofType(BsonType.document);

const hint: FieldRule = {
  check: (_path, _bytes, { type }) => {
    if (type !== BsonType.string && type !== BsonType.document) {
      throw new CommandError("FailedToParse", "Hint must be a string or an object");
    }
  },
};

/** Texts are compared by their bytes only. */
const collation = valueRule((value, path) => {
  const { locale, ...others } = Object(value);
  if (locale === undefined && Object.keys(others).length > 0) {
    throw missingField(path, "locale");
  }
  if (locale !== undefined && (locale !== "simple" || Object.keys(others).length > 0)) {
    throw notSupported(`'${path}' other than { locale: 'simple' }`);
  }
});

function arrayOf(rule: FieldRule): FieldRule {
  return both(ofType(BsonType.array), {
    check: (path, bytes, element) => {
      for (const item of elementsOf(bytes, element.value)) {
        rule.check(`${path}.${item.name}`, bytes, item);
      }
    },
  });
}

/** A document with fields of its own. */
export function documentWith(rules: FieldRules): FieldRule {
  return both(object, {
    check: (path, bytes, { value }) => {
      checkFields(path, bytes, elementsOf(bytes, value), rules);
    },
  });
}

/** One of some texts. */
export function oneOf(...values: readonly string[]): FieldRule {
  return valueRule((value, path) => {
    if (!values.some((known) => known === value)) {
      throw badValue(`Enumeration value '${String(value)}' for field '${path}' is not a valid value.`);
    }
  });
}

/** A field of MongoDB that is not served: only false, 0 and an empty document or array, which change nothing, pass. */
export function refused(codeName?: ErrorName): FieldRule {
  return {
    check: (path, bytes, element) => {
      const { type, value, end } = element;
      const isNothing =
        type === BsonType.document || type === BsonType.array
          ? end - value === 5
          : Number(decodePlainElement(bytes, element)) === 0;
      if (!isNothing) {
        throw notSupported(`'${path}'`, codeName);
      }
    },
  };
}

const KINDS = {
  any: { check: () => {} },
  string: ofType(BsonType.string),
  bool: ofType(BsonType.boolean),
  /** A truth value that may be a number, too. */
  flag: ofType(BsonType.boolean, ...numbers),
  number: ofType(...numbers),
  /** Not negative. */
  count: numberFrom(0),
  /** What sizes are divided by. */
  scale: numberFrom(1),
  long: ofType(BsonType.long),
  longs: arrayOf(ofType(BsonType.long)),
  binary: ofType(BsonType.binary),
  object,
  objects: arrayOf(object),
  /** What the command is about: an array, or a document sequence of the message. */
  documents: { ...arrayOf(object), required: true },
  hint,
  collation,
  cursor: documentWith({ batchSize: numberFrom(0) }),
  refused: refused(),
} satisfies FieldRules;

/** Whether a field may be a document sequence of the message. */
export function isDocumentSequence(rule: FieldRule | undefined): boolean {
  return rule === KINDS.documents;
}

const RULES = new Map<string, FieldRule>(Object.entries(KINDS));

/**
 * @param kinds names of fields, separated by spaces, by the kind of their values; `required` repeats those that must
 *   be there
 */
export function fields(
  { required = "", ...kinds }: { readonly [kind in keyof typeof KINDS | "required"]?: string },
  special: FieldRules = {},
): FieldRules {
  const rules = new Map(Object.entries(special));
  for (const [kind, names] of Object.entries(kinds)) {
    for (const name of names.split(" ")) {
      rules.set(name, RULES.get(kind) ?? KINDS.any);
    }
  }
  for (const name of required.split(" ").filter(Boolean)) {
    rules.set(name, { ...(rules.get(name) ?? KINDS.any), required: true });
  }
  return Object.fromEntries(rules);
}

/** Of the commands that write. There are no validators, and empty timestamps stay as they are. */
export const WRITE_KINDS = {
  bool: "ordered",
  flag: "bypassDocumentValidation bypassEmptyTsReplacement",
  refused: "stmtIds collectionUUID encryptionInformation",
};

/** Ways in which a command differs from a document within one. */
interface FieldsOptions {
  /** Whether a field is given elsewhere. */
  readonly isThere?: (name: string) => boolean;
  /** The error for a field without a rule; undefined accepts it. */
  readonly unknown?: (path: string, name: string) => CommandError | undefined;
}

/**
 * Checks the fields of a command, or of a document within one, as MongoDB's IDL parser does.
 *
 * @param path what errors put before a field's name
 * @returns the fields by name, without those that are null
 * @throws CommandError 40413 for a duplicate, 40414 for a missing and 40415 for an unknown field, TypeMismatch, and
 *   what the rules throw
 */
export function checkFields(
  path: string,
  bytes: Buffer,
  elements: readonly RawElement[],
  rules: FieldRules,
  { isThere = () => false, unknown = unknownField }: FieldsOptions = {},
): ReadonlyMap<string, RawElement> {
  const found = new Map<string, RawElement>();
  for (const element of elements) {
    const { name, type } = element;
    if (found.has(name)) {
      throw duplicateField(path, name);
    }
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    const error = rule === undefined ? unknown(path, name) : undefined;
    if (error !== undefined) {
      throw error;
    }
    if (type !== BsonType.null && type !== BsonType.undefined) {
      rule?.check(`${path}.${name}`, bytes, element);
      found.set(name, element);
    }
  }
  for (const name in rules) {
    if (rules[name]?.required === true && !found.has(name) && !isThere(name)) {
      throw missingField(path, name);
    }
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
