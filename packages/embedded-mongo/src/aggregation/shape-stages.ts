import { aliasOfType, BsonType } from "../bson/bson-type.js";
import {
  booleanValue,
  documentBytes,
  documentValue,
  elementValues,
  fieldOf,
  fieldsOf,
  type RawValue,
  textOf,
  wholeDocument,
} from "../bson/raw-value.js";
import { CommandError, type ErrorName } from "../errors/command-error.js";
import { compileExpression } from "../expressions/compile-expression.js";
import type { ProjectionKind } from "../query/parse-projection.js";
import { compileProjection } from "../query/projection.js";
import { mapping, type Stage, type StageCompiler, type StageContext } from "./stage.js";

function projecting(
  name: string,
  spec: RawValue,
  kind: ProjectionKind,
  { expressions }: StageContext,
): Stage {
  try {
    return mapping(compileProjection(spec, kind, expressions));
  } catch (error) {
    throw error instanceof CommandError
      ? new CommandError(error.codeName, `Invalid ${name} :: caused by :: ${error.message}`, error.details)
      : error;
  }
}

/** A stage whose argument is a projection. */
function projectionStage(name: string, kind: ProjectionKind, notObject: ErrorName): StageCompiler {
  return (argument, context) => {
    if (argument.type !== BsonType.document) {
      throw new CommandError(
        notObject,
        `${name} specification stage must be an object, got ${aliasOfType(argument.type)}`,
      );
    }
    return projecting(name, argument, kind, context);
  };
}

/** `$unset`: a projection that excludes fields. */
const unset: StageCompiler = (argument, context) => {
  if (argument.type !== BsonType.string && argument.type !== BsonType.array) {
    throw new CommandError("Location31002", "$unset specification must be a string or an array");
  }
  const paths = argument.type === BsonType.array ? elementValues(argument) : [argument];
  if (paths.length === 0) {
    throw new CommandError(
      "Location31119",
      "$unset specification must be a string or an array with at least one field",
    );
  }
  if (!paths.every(({ type }) => type === BsonType.string)) {
    throw new CommandError(
      "Location31120",
      "$unset specification must be a string or an array containing only string values",
    );
  }
  const spec = documentValue(paths.map((path) => [textOf(path), booleanValue(false)] as const));
  return projecting("$unset", spec, "$project", context);
};

const replaceRoot: StageCompiler = (argument, context) => {
  if (argument.type !== BsonType.document) {
    throw new CommandError(
      "Location40229",
      `expected an object as specification for $replaceRoot stage, got ${aliasOfType(argument.type)}`,
    );
  }
  const unknown = fieldsOf(argument).find(([name]) => name !== "newRoot");
  if (unknown !== undefined) {
    throw new CommandError("Location40415", `BSON field '$replaceRoot.${unknown[0]}' is an unknown field.`);
  }
  const newRoot = fieldOf(argument, "newRoot");
  if (newRoot.type === BsonType.missing) {
    throw new CommandError(
      "Location40414",
      "BSON field '$replaceRoot.newRoot' is missing but a required field",
    );
  }
  return replacing("'newRoot' expression", newRoot, context);
};

function replacing(what: string, newRoot: RawValue, { expressions }: StageContext): Stage {
  const evaluate = compileExpression(newRoot, expressions);
  return mapping((document, variables) => {
    const root = evaluate({ root: wholeDocument(document), variables });
    if (root.type !== BsonType.document) {
      throw new CommandError(
        "Location40228",
        `${what} must evaluate to an object, but resulting value was of type: '${aliasOfType(root.type)}'`,
      );
    }
    return documentBytes(root);
  });
}

/** Stages that map each document to another one. `$project` follows the rules of the projection of `find`. */
export const SHAPE_STAGES: Readonly<Record<string, StageCompiler>> = {
  $addFields: projectionStage("$addFields", "$addFields", "Location40272"),
  $project: projectionStage("$project", "$project", "Location15969"),
  $replaceRoot: replaceRoot,
  $replaceWith: (argument, context) => replacing("'replacement document'", argument, context),
  $set: projectionStage("$set", "$addFields", "Location40272"),
  $unset: unset,
};
