import { aliasOfType, BsonType } from "../bson/bson-type.js";
import {
  arrayValue,
  documentValue,
  EMPTY_DOCUMENT,
  elementValues,
  fieldsOf,
  isOperatorDocument,
  NULL,
  type RawValue,
  textOf,
  wholeDocument,
} from "../bson/raw-value.js";
import { setFieldAt } from "../bson/set-field.js";
import { someLeaf } from "../bson/values-at-path.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { compileExpression, withNames } from "../expressions/compile-expression.js";
import { fieldPath } from "../expressions/field-path.js";
import { type CompiledVariable, compileVariables, variablesOf } from "../expressions/variables.js";
import { compileFilter } from "../query/compile-filter.js";
import { conjunction, fieldFilter } from "../query/query-filter.js";
import type { Query } from "../records/find-records.js";
import { PAUSE, type Pause, takeItems } from "../records/pause.js";
import { MAX_DOCUMENT_BYTES } from "../records/write-records.js";
import { type Documents, type Pipeline, runStages, type StageCompiler, type StageContext } from "./stage.js";

/** `$lookup`: queries the foreign collection once per document, by index where possible. */
export const lookupStage: StageCompiler = (argument, context) => {
  const { from, as, equality, pipeline, variables } = readLookup(argument, context);
  return function* (documents, outer) {
    for (const document of documents) {
      if (document === PAUSE) {
        yield PAUSE;
        continue;
      }
      const own = variablesOf(variables, { root: wholeDocument(document), variables: outer });
      const query = pipeline.query(own);
      const found = context.find(from, equality === undefined ? query : joined(query, document, equality));
      const array = yield* gathered(runStages(found, pipeline.stages, own), from);
      yield setFieldAt(document, as, array);
    }
  };
};

interface Lookup {
  readonly from: string;
  readonly as: readonly string[];
  readonly equality: Equality | undefined;
  readonly pipeline: Pipeline;
  readonly variables: readonly CompiledVariable[];
}

interface Equality {
  readonly localPath: readonly string[];
  readonly foreignField: string;
}

/** Gathers documents in an array, and passes their pauses on. @throws CommandError 4568 */
function* gathered(documents: Documents, from: string): Generator<Pause, RawValue, undefined> {
  const found: RawValue[] = [];
  let bytes = 0;
  yield* takeItems(documents, (document) => {
    bytes += document.length;
    if (bytes > MAX_DOCUMENT_BYTES) {
      throw new CommandError(
        "Location4568",
        `Total size of documents in ${from} matching pipeline's $lookup stage exceeds ${MAX_DOCUMENT_BYTES} bytes`,
      );
    }
    found.push(wholeDocument(document));
  });
  return arrayValue(found);
}

/** The query, restricted to documents with one of the local field's values. */
function joined(query: Query, document: Buffer, { localPath, foreignField }: Equality): Query {
  const values = localValues(document, localPath);
  const equality = values.some((value) => value.type === BsonType.regex || isOperatorDocument(value))
    ? documentValue([["$or", arrayValue(values.map((value) => fieldFilter(foreignField, "$eq", value)))]])
    : fieldFilter(foreignField, "$in", arrayValue(values));
  const equals = compileFilter(equality);
  const { matches } = query;
  return {
    ...query,
    filter: conjunction([query.filter, equality]),
    matches: (candidate) => equals(candidate) && (matches === undefined || matches(candidate)),
  };
}

/** The values to look up: those at the path, the elements of arrays there; null if there are none. */
function localValues(document: Buffer, path: readonly string[]): readonly RawValue[] {
  const values: RawValue[] = [];
  someLeaf(wholeDocument(document), path, (leaf) => {
    if (leaf.type !== BsonType.missing) {
      values.push(...(leaf.type === BsonType.array ? elementValues(leaf) : [leaf]));
    }
    return false;
  });
  return values.length === 0 ? [NULL] : values;
}

/** The type of each argument. */
const ARGUMENTS: ReadonlyMap<string, number> = new Map([
  ["from", BsonType.string],
  ["as", BsonType.string],
  ["localField", BsonType.string],
  ["foreignField", BsonType.string],
  ["let", BsonType.document],
  ["pipeline", BsonType.array],
]);

/** @throws CommandError FailedToParse, and those of the pipeline and the expressions */
function readLookup(argument: RawValue, context: StageContext): Lookup {
  if (argument.type !== BsonType.document) {
    throw refusal(
      `the $lookup stage specification must be an object, but found ${aliasOfType(argument.type)}`,
    );
  }
  const fields = new Map(fieldsOf(argument));
  for (const [name, { type }] of fields) {
    const expected = ARGUMENTS.get(name);
    if (expected === undefined) {
      throw refusal(`unknown argument to $lookup: ${name}`);
    }
    if (type !== expected) {
      const message = `$lookup argument '${name}' must be of type ${aliasOfType(expected)}, is type ${aliasOfType(type)}`;
      throw name === "pipeline" ? new CommandError("TypeMismatch", message) : refusal(message);
    }
  }
  const text = (name: string): string => {
    const value = fields.get(name);
    return value === undefined ? "" : textOf(value);
  };
  const pipeline = fields.get("pipeline");
  checkCombination({ from: text("from"), as: text("as"), hasPipeline: pipeline !== undefined });
  const equality = equalityOf(text("localField"), text("foreignField"), pipeline !== undefined);
  if (fields.has("let") && pipeline === undefined) {
    throw refusal("$lookup with a 'let' argument must also specify 'pipeline'");
  }
  const variables = compileVariables(fields.get("let") ?? EMPTY_DOCUMENT, (spec) =>
    compileExpression(spec, context.expressions),
  );
  const inner = withNames(
    context.expressions,
    variables.map(([name]) => name),
  );
  return {
    from: text("from"),
    as: fieldPath(text("as")),
    equality,
    pipeline: context.compilePipeline(pipeline === undefined ? [] : elementValues(pipeline), inner),
    variables,
  };
}

function refusal(message: string): CommandError {
  return new CommandError("FailedToParse", message);
}

function checkCombination(spec: { from: string; as: string; hasPipeline: boolean }): void {
  if (spec.from === "") {
    throw spec.hasPipeline
      ? notSupported("$lookup without 'from'", "FailedToParse")
      : refusal("must specify 'pipeline' when 'from' is empty");
  }
  if (spec.as === "") {
    throw refusal("must specify 'as' field for a $lookup");
  }
}

function equalityOf(localField: string, foreignField: string, hasPipeline: boolean): Equality | undefined {
  if (localField === "" && foreignField === "" && hasPipeline) {
    return undefined;
  }
  if (localField === "" || foreignField === "") {
    throw refusal(
      hasPipeline
        ? "$lookup requires both or neither of 'localField' and 'foreignField' to be specified"
        : "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
    );
  }
  return { localPath: fieldPath(localField), foreignField: fieldPath(foreignField).join(".") };
}
