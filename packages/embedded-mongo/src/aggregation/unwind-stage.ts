import type { Iterator as LazyIterator } from "mingo/lazy";
import { Lazy } from "mingo/lazy";
import type { Options } from "mingo/types";
import { isDocument, type PlainDocument } from "../bson/bson-document.js";
import { typedOf, withTypes } from "../bson/typed-document.js";
import { CommandError } from "../errors/command-error.js";

/** `$unwind`: what is no array counts as an array of one, be it empty text or an empty document. */
export function unwindStage(documents: LazyIterator, spec: unknown, _options: Options): LazyIterator {
  const { path, includeArrayIndex, preserveNullAndEmptyArrays }: PlainDocument = isDocument(spec)
    ? spec
    : { path: spec };
  if (typeof path !== "string" || !path.startsWith("$")) {
    throw new CommandError(
      "Location28818",
      `path option to $unwind stage should be prefixed with a '$': ${String(path)}`,
    );
  }
  const parts = path.slice(1).split(".");
  const keepsEmpty = preserveNullAndEmptyArrays === true;
  const withIndex = (document: PlainDocument, index: number | null): PlainDocument =>
    typeof includeArrayIndex === "string"
      ? withValue(document, includeArrayIndex.split("."), index)
      : document;
  const unwindElement = (document: PlainDocument, index: number): PlainDocument => {
    const array = valueAt(document, parts);
    const item: unknown = Array.isArray(array) ? array[index] : undefined;
    return withIndex(withValue(document, parts, item), index);
  };
  const unwind = (document: PlainDocument): PlainDocument[] => {
    const value = valueAt(document, parts);
    if (Array.isArray(value) && value.length > 0) {
      let typed: PlainDocument | undefined;
      const source = (): PlainDocument => {
        typed ??= typedOf(document);
        return typed;
      };
      return value.map((_item: unknown, index) =>
        withTypes(unwindElement(document, index), () => unwindElement(source(), index)),
      );
    }
    const changed = (change: (from: PlainDocument) => PlainDocument): PlainDocument =>
      withTypes(change(document), () => change(typedOf(document)));
    if (Array.isArray(value)) {
      return keepsEmpty ? [changed((from) => withIndex(withValue(from, parts, undefined), null))] : [];
    }
    const isEmpty = value === null || value === undefined;
    return isEmpty && !keepsEmpty ? [] : [changed((from) => ({ ...withIndex(from, null) }))];
  };
  return documents.transform((all: unknown[]) => Lazy(all.filter(isDocument).flatMap(unwind)));
}

function valueAt(document: PlainDocument, parts: readonly string[]): unknown {
  return parts.reduce<unknown>(
    (value, part) => (isDocument(value) && Object.hasOwn(value, part) ? value[part] : undefined),
    document,
  );
}

/** A copy with that value; undefined: without the field. */
function withValue(document: PlainDocument, parts: readonly string[], value: unknown): PlainDocument {
  const [part, ...rest] = parts;
  if (part === undefined) {
    return document;
  }
  const copy = { ...document };
  if (rest.length > 0) {
    const inner = document[part];
    copy[part] = withValue(isDocument(inner) ? inner : {}, rest, value);
  } else if (value === undefined) {
    delete copy[part];
  } else {
    copy[part] = value;
  }
  return copy;
}
