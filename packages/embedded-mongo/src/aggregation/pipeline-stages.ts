import { evalExpr } from "mingo/core";
import { Lazy, type Iterator as LazyIterator } from "mingo/lazy";
import { $group } from "mingo/operators/pipeline";
import type { Options } from "mingo/types";
import { encode } from "../bson/bson-codec.js";
import { isDocument, isOperatorObject, type PlainDocument } from "../bson/bson-document.js";
import { numberOf } from "../bson/bson-number.js";
import { sortableBytesOf } from "../bson/sortable-value.js";
import { decodeWithTypes, typedOf } from "../bson/typed-document.js";
import { CommandError } from "../errors/command-error.js";
import { addComputedField, type ComputedFields, setComputedFields } from "../expressions/computed-fields.js";
import { evaluate } from "../expressions/evaluate.js";
import { compileFilter } from "../query/compile-filter.js";
import { compileSortKey } from "../query/index-keys.js";
import { sortPatternOf } from "../query/key-pattern.js";
import { compileProjection } from "../query/projection.js";

/** `$match` by the same rules as `find`. */
export function matchStage(documents: LazyIterator, filter: unknown, options: Options): LazyIterator {
  if (!isDocument(filter)) {
    throw new CommandError("Location15959", "the match filter must be an expression in an object");
  }
  const matches = compileFilter(
    filter,
    (expression) => (document) => evalExpr(document, expression, options),
  );
  return documents.filter((document) => isDocument(document) && matches(encode(typedOf(document))));
}

/** `$sort` in MongoDB's order of values. */
export function sortStage(documents: LazyIterator, sort: unknown, _options: Options): LazyIterator {
  if (!isDocument(sort) || Object.keys(sort).length === 0) {
    throw new CommandError("Location15976", "$sort stage must have at least one sort key");
  }
  const keyOf = compileSortKey(sortPatternOf(sort));
  return documents.transform((values: unknown[]) => {
    const keyed = values.map((value) => ({ value, key: keyOf(encode(isDocument(value) ? value : {})) }));
    keyed.sort((a, b) => a.key.compare(b.key));
    return Lazy(keyed.map(({ value }) => value));
  });
}

/** `$limit` */
export function limitStage(documents: LazyIterator, most: unknown, _options: Options): LazyIterator {
  const limit = numberOf(most);
  if (limit === undefined || !Number.isInteger(limit) || limit <= 0) {
    throw new CommandError("Location15958", "the limit must be positive");
  }
  return documents.take(limit);
}

/** `$sample` without repetitions. */
export function sampleStage(documents: LazyIterator, spec: unknown, _options: Options): LazyIterator {
  const size = isDocument(spec) ? numberOf(spec.size) : undefined;
  if (size === undefined || size < 0) {
    throw new CommandError("Location28747", "size argument to $sample must be a positive integer");
  }
  return documents.transform((values: unknown[]) => {
    const pool = [...values];
    const picked: unknown[] = [];
    while (pool.length > 0 && picked.length < size) {
      const [value] = pool.splice(Math.floor(Math.random() * pool.length), 1);
      picked.push(value);
    }
    return Lazy(picked);
  });
}

/** `$project` by the same rules as the projection of `find`. */
export function projectStage(documents: LazyIterator, spec: unknown, options: Options): LazyIterator {
  if (!isDocument(spec) || Object.keys(spec).length === 0) {
    throw new CommandError(
      "Location51272",
      "Invalid $project :: caused by :: projection specification must have at least one field",
    );
  }
  const project = compileProjection(spec, options);
  return documents.map((document: PlainDocument) => decodeWithTypes(project(encode(typedOf(document)))));
}

/** `$unset`: a projection that leaves fields out. */
export function unsetStage(documents: LazyIterator, spec: unknown, options: Options): LazyIterator {
  const paths: unknown[] = Array.isArray(spec) ? spec : [spec];
  if (paths.length === 0 || !paths.every((path) => typeof path === "string" && path !== "")) {
    throw new CommandError("Location31002", "$unset specification must be a string or an array of strings");
  }
  return projectStage(documents, Object.fromEntries(paths.map((path) => [path, 0])), options);
}

/** `$addFields` and `$set`. */
export function addFieldsStage(documents: LazyIterator, spec: unknown, options: Options): LazyIterator {
  if (!isDocument(spec)) {
    throw new CommandError("Location40272", "$addFields specification stage must be an object");
  }
  const tree: ComputedFields = new Map();
  for (const [path, expression] of Object.entries(spec)) {
    addComputedField(tree, path, expression);
  }
  return documents.map((document: PlainDocument) =>
    reencoded(setComputedFields(typedOf(document), tree, document, options)),
  );
}

/** A document in which some values have types and some are plain, as `decodeWithTypes` has it. */
function reencoded(document: unknown): PlainDocument {
  return decodeWithTypes(encode(isDocument(document) ? document : {}));
}

/** `$replaceRoot` */
export function replaceRootStage(documents: LazyIterator, spec: unknown, options: Options): LazyIterator {
  const newRoot = isDocument(spec) ? spec.newRoot : undefined;
  return documents.map((document: PlainDocument) => {
    const root = evaluate(document, newRoot, options);
    if (!isDocument(root)) {
      throw new CommandError(
        "Location40228",
        "'newRoot' expression must evaluate to an object, but resulting value was not one",
      );
    }
    return reencoded(root);
  });
}

/** `$replaceWith` */
export function replaceWithStage(documents: LazyIterator, newRoot: unknown, options: Options): LazyIterator {
  return replaceRootStage(documents, { newRoot }, options);
}

/** `$group`: mingo's, with the types of what the key and the accumulators pass on. */
export function groupStage(documents: LazyIterator, spec: unknown, options: Options): LazyIterator {
  checkGroup(spec);
  const keys = new Map<string, unknown>();
  const seen = documents.map((document: PlainDocument) => {
    const key = evaluate(document, spec._id, options);
    const bytes = sortableBytesOf(key).toString("latin1");
    if (key !== undefined && !keys.has(bytes)) {
      keys.set(bytes, key);
    }
    return document;
  });
  return $group(seen, { ...spec, _id: spec._id }, options).map((group: PlainDocument) => {
    const bytes = sortableBytesOf(group._id).toString("latin1");
    return reencoded({ ...group, _id: keys.get(bytes) ?? group._id });
  });
}

function checkGroup(argument: unknown): asserts argument is PlainDocument {
  if (!isDocument(argument)) {
    throw new CommandError("Location15947", "a group's fields must be specified in an object");
  }
  if (!("_id" in argument)) {
    throw new CommandError("Location15955", "a group specification must include an _id");
  }
  for (const [field, accumulator] of Object.entries(argument)) {
    if (field !== "_id" && !(isOperatorObject(accumulator) && Object.keys(accumulator).length === 1)) {
      throw new CommandError("Location40234", `The field '${field}' must be an accumulator object`);
    }
  }
}

/** `$sortByCount` is a `$group` and a `$sort`. */
export function sortByCountStage(documents: LazyIterator, key: unknown, options: Options): LazyIterator {
  const counted = groupStage(documents, { _id: key, count: { $sum: 1 } }, options);
  return sortStage(counted, { count: -1 }, options);
}

/** `$count`; of nothing, there is no document. */
export function countStage(documents: LazyIterator, field: unknown, _options: Options): LazyIterator {
  if (typeof field !== "string" || !/^[^$.\0][^.\0]*$/.test(field)) {
    throw new CommandError("Location40156", "the count field must be a non-empty string without '$' and '.'");
  }
  return documents.transform((values: unknown[]) =>
    Lazy(values.length === 0 ? [] : [{ [field]: values.length }]),
  );
}
