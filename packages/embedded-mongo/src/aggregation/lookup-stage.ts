import { aliasOfType, BsonType } from "../bson/bson-type.js";
import {
  arrayValue,
  documentValue,
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
import type { Expression } from "../expressions/expression.js";
import { fieldPath } from "../expressions/field-path.js";
import { checkVariableName, variablesOf } from "../expressions/variables.js";
import { compileFilter } from "../query/compile-filter.js";
import { conjunction, fieldFilter } from "../query/query-filter.js";
import type { Query } from "../records/find-records.js";
import { PAUSE, type Pause, takeItems } from "../records/pause.js";
import { MAX_DOCUMENT_BYTES } from "../records/write-records.js";
import { type Documents, type Pipeline, runStages, type StageCompiler, type StageContext } from "./stage.js";

/** `$lookup`: asks the foreign collection once per document, by index where there is one. */
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
  readonly variables: readonly (readonly [name: string, value: Expression])[];
}

interface Equality {
  readonly localPath: readonly string[];
  readonly foreignField: string;
}

/** The array of all documents, with their pauses. @throws CommandError 4568 */
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

/** The query, for documents that have one of the local field's values. */
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

/** Elements of an array are looked up one by one; where there is no value, null is. */
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

const TEXTS = new Set(["from", "as", "localField", "foreignField"]);

/** @throws CommandError FailedToParse, and those of the pipeline and the expressions */
function readLookup(argument: RawValue, context: StageContext): Lookup {
  if (argument.type !== BsonType.document) {
    throw refusal(
      `the $lookup stage specification must be an object, but found ${aliasOfType(argument.type)}`,
    );
  }
  const fields = new Map(fieldsOf(argument));
  for (const [name, { type }] of fields) {
    checkArgument(name, type);
  }
  const text = (name: string): string => {
    const value = fields.get(name);
    return value === undefined ? "" : textOf(value);
  };
  const pipeline = fields.get("pipeline");
  const variables = fields.get("let");
  checkCombination({ from: text("from"), as: text("as"), hasPipeline: pipeline !== undefined });
  const equality = equalityOf(text("localField"), text("foreignField"), pipeline !== undefined);
  if (variables !== undefined && pipeline === undefined) {
    throw refusal("$lookup with a 'let' argument must also specify 'pipeline'");
  }
  const compiled = variables === undefined ? [] : compileVariables(variables, context);
  const inner = withNames(
    context.expressions,
    compiled.map(([name]) => name),
  );
  return {
    from: text("from"),
    as: fieldPath(text("as")),
    equality,
    pipeline: context.compilePipeline(pipeline === undefined ? [] : elementValues(pipeline), inner),
    variables: compiled,
  };
}

function refusal(message: string): CommandError {
  return new CommandError("FailedToParse", message);
}

function checkArgument(name: string, type: number): void {
  if (name === "pipeline") {
    if (type !== BsonType.array) {
      throw new CommandError("TypeMismatch", "'pipeline' option must be specified as an array");
    }
  } else if (name === "let") {
    if (type !== BsonType.document) {
      throw refusal(`$lookup argument 'let' must be an object, is type ${aliasOfType(type)}`);
    }
  } else if (!TEXTS.has(name)) {
    throw refusal(`unknown argument to $lookup: ${name}`);
  } else if (type !== BsonType.string) {
    throw refusal(`$lookup argument '${name}' must be a string, is type ${aliasOfType(type)}`);
  }
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

function compileVariables(spec: RawValue, { expressions }: StageContext) {
  return fieldsOf(spec).map(([name, value]) => {
    checkVariableName(name);
    return [name, compileExpression(value, expressions)] as const;
  });
}
