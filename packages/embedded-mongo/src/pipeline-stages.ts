import { Lazy, type Iterator as LazyIterator } from "mingo/lazy";
import { encode } from "./bson-codec.js";
import { CommandError } from "./command-error.js";
import { compileFilter, numberOf } from "./compile-filter.js";
import { compileSortKey } from "./index-keys.js";
import { isDocument } from "./is-operator-object.js";
import { sortPatternOf } from "./key-pattern.js";

/** `$match` by the same rules as `find`. */
export function matchStage(documents: LazyIterator, filter: unknown, _options: unknown): LazyIterator {
  if (!isDocument(filter)) {
    throw new CommandError("Location15959", "the match filter must be an expression in an object");
  }
  const matches = compileFilter(filter);
  return documents.filter((document) => isDocument(document) && matches(encode(document)));
}

/** `$sort` in MongoDB's order of values. */
export function sortStage(documents: LazyIterator, sort: unknown, _options: unknown): LazyIterator {
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

/** `$sample` without repetitions. */
export function sampleStage(documents: LazyIterator, spec: unknown, _options: unknown): LazyIterator {
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
