import { evalExpr } from "mingo/core";
import type { Iterator as LazyIterator } from "mingo/lazy";
import type { Options } from "mingo/types";
import { isDocument, type PlainDocument } from "../bson/bson-document.js";
import { typedOf, withTypes } from "../bson/typed-document.js";
import { CommandError } from "../errors/command-error.js";

/** The documents of a collection that match a filter. */
export type FindForeign = (collection: string, filter: PlainDocument) => readonly PlainDocument[];

/** Runs a pipeline over what was joined. */
export type RunJoined = (
  joined: readonly PlainDocument[],
  pipeline: readonly PlainDocument[],
  variables: PlainDocument,
) => readonly PlainDocument[];

/** `$lookup` that asks the foreign collection by its indexes, once per document. */
export function lookupStage(find: FindForeign, run: RunJoined) {
  return (documents: LazyIterator, spec: unknown, options: Options): LazyIterator => {
    const { from, as, localField, foreignField, pipeline, variables } = readSpec(spec);
    const path = as.split(".");
    const valuesOf = (document: PlainDocument): PlainDocument => ({
      ...options.variables,
      ...Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [name, evalExpr(document, value, options)]),
      ),
    });

    return documents.map((document: PlainDocument) => {
      const filter =
        localField === undefined || foreignField === undefined
          ? {}
          : { [foreignField]: { $in: localValues(document, localField, options) } };
      const joined = from === undefined ? [] : find(from, filter);
      const found = pipeline === undefined ? joined : run(joined, pipeline, valuesOf(document));
      return withTypes(withField(document, path, found), () =>
        withField(typedOf(document), path, found.map(typedOf)),
      );
    });
  };
}

/** A document with the field at a path; what is no document on the way gives way to one. */
function withField(document: PlainDocument, path: readonly string[], value: unknown): PlainDocument {
  const [name = "", ...rest] = path;
  const inner = document[name];
  return {
    ...document,
    [name]: rest.length === 0 ? value : withField(isDocument(inner) ? inner : {}, rest, value),
  };
}

interface LookupSpec {
  readonly from: string | undefined;
  readonly as: string;
  readonly localField: string | undefined;
  readonly foreignField: string | undefined;
  readonly pipeline: readonly PlainDocument[] | undefined;
  readonly variables: PlainDocument;
}

function readSpec(spec: unknown): LookupSpec {
  const fields = isDocument(spec) ? spec : {};
  const text = (name: string): string | undefined => {
    const value = fields[name];
    if (value !== undefined && typeof value !== "string") {
      throw new CommandError("FailedToParse", `$lookup argument '${name}' must be a string`);
    }
    return value;
  };
  const as = text("as");
  const from = text("from");
  const { pipeline } = fields;
  if (as === undefined) {
    throw new CommandError("FailedToParse", "must specify 'as' field for a $lookup");
  }
  if (from === undefined && pipeline === undefined) {
    throw new CommandError("FailedToParse", "must specify 'pipeline' when 'from' is empty");
  }
  const localField = text("localField");
  const foreignField = text("foreignField");
  const oneMissing = (localField === undefined) !== (foreignField === undefined);
  if (oneMissing || (pipeline === undefined && localField === undefined)) {
    throw new CommandError(
      "FailedToParse",
      "$lookup requires both or neither of 'localField' and 'foreignField' to be specified",
    );
  }
  return {
    from,
    as,
    localField,
    foreignField,
    pipeline: Array.isArray(pipeline) ? pipeline.filter(isDocument) : undefined,
    variables: isDocument(fields.let) ? fields.let : {},
  };
}

/** Elements of an array are looked up one by one; a missing field as null. */
function localValues(document: PlainDocument, field: string, options: Options): unknown[] {
  const value: unknown = evalExpr(document, `$${field}`, options) ?? null;
  return Array.isArray(value) ? value : [value];
}
