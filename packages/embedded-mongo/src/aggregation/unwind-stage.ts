import { aliasOfType, BsonType } from "../bson/bson-type.js";
import {
  elementValues,
  fieldOf,
  fieldsOf,
  isNullish,
  isTrue,
  longValue,
  MISSING,
  NULL,
  type RawValue,
  textOf,
  wholeDocument,
} from "../bson/raw-value.js";
import { setFieldAt } from "../bson/set-field.js";
import { CommandError, type ErrorName } from "../errors/command-error.js";
import { fieldPath } from "../expressions/field-path.js";
import { PAUSE } from "../records/pause.js";
import { type StageCompiler, withPauses } from "./stage.js";

/** `$unwind`: a value that is not an array is treated as an array of one. */
export const unwindStage: StageCompiler = (argument) => {
  const unwind = compileUnwind(readUnwind(argument));
  return function* (documents) {
    for (const document of documents) {
      if (document === PAUSE) {
        yield PAUSE;
      } else {
        yield* withPauses(unwind(document));
      }
    }
  };
};

interface Unwind {
  readonly path: readonly string[];
  readonly indexPath: readonly string[] | undefined;
  readonly keepsEmpty: boolean;
}

function compileUnwind({ path, indexPath, keepsEmpty }: Unwind): (document: Buffer) => Iterable<Buffer> {
  const withIndex = (document: Buffer, index: RawValue): Buffer =>
    indexPath === undefined ? document : setFieldAt(document, indexPath, index);
  return function* (document) {
    const value = path.reduce(fieldOf, wholeDocument(document));
    if (value.type !== BsonType.array) {
      if (keepsEmpty || !isNullish(value)) {
        yield withIndex(document, NULL);
      }
      return;
    }
    const items = elementValues(value);
    for (const [i, item] of items.entries()) {
      yield withIndex(setFieldAt(document, path, item), longValue(BigInt(i)));
    }
    if (items.length === 0 && keepsEmpty) {
      yield withIndex(setFieldAt(document, path, MISSING), NULL);
    }
  };
}

function readUnwind(argument: RawValue): Unwind {
  if (argument.type === BsonType.string) {
    return { path: pathOf(textOf(argument)), indexPath: undefined, keepsEmpty: false };
  }
  if (argument.type !== BsonType.document) {
    throw new CommandError(
      "Location15981",
      `expected either a string or an object as specification for $unwind stage, got ${aliasOfType(argument.type)}`,
    );
  }
  let path = "";
  let indexPath: readonly string[] | undefined;
  let keepsEmpty = false;
  for (const [name, value] of fieldsOf(argument)) {
    if (name === "path") {
      checkType(value, BsonType.string, "Location28808", "a string as the path");
      path = textOf(value);
    } else if (name === "preserveNullAndEmptyArrays") {
      checkType(value, BsonType.boolean, "Location28809", "a boolean for preserveNullAndEmptyArrays");
      keepsEmpty = isTrue(value);
    } else if (name === "includeArrayIndex") {
      checkType(value, BsonType.string, "Location28810", "a non-empty string for includeArrayIndex");
      indexPath = indexPathOf(textOf(value));
    } else {
      throw new CommandError("Location28811", `unrecognized option to $unwind stage: ${name}`);
    }
  }
  return { path: pathOf(path), indexPath, keepsEmpty };
}

function checkType({ type }: RawValue, expected: number, code: ErrorName, what: string): void {
  if (type !== expected) {
    throw new CommandError(code, `expected ${what} for $unwind stage, got ${aliasOfType(type)}`);
  }
}

function indexPathOf(path: string): readonly string[] {
  if (path === "") {
    throw new CommandError(
      "Location28810",
      "expected a non-empty string for the includeArrayIndex option to $unwind stage",
    );
  }
  if (path.startsWith("$")) {
    throw new CommandError(
      "Location28822",
      `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${path}`,
    );
  }
  return fieldPath(path);
}

function pathOf(path: string): readonly string[] {
  if (path === "") {
    throw new CommandError("Location28812", "no path specified to $unwind stage");
  }
  if (!path.startsWith("$")) {
    throw new CommandError(
      "Location28818",
      `path option to $unwind stage should be prefixed with a '$': ${path}`,
    );
  }
  return fieldPath(path.slice(1));
}
