import { isDocument, type PlainDocument } from "../bson/bson-document.js";

const CLOSING = new Set(["$group", "$sortByCount"]);
/** These see a document without naming its fields. */
const WHOLE = /^\$\$(ROOT|CURRENT)\b/;

/**
 * The top-level fields that a pipeline reads, where it begins with a stage that makes new documents of them (`$group` and
 * its like, after `$unwind`): the others need not be decoded. Undefined where it may read any.
 */
export function fieldsOfStages(stages: readonly PlainDocument[]): ReadonlySet<string> | undefined {
  const fields = new Set<string>();
  for (const stage of stages) {
    const [name = ""] = Object.keys(stage);
    if ((name !== "$unwind" && !CLOSING.has(name)) || !collect(stage[name], fields)) {
      return undefined;
    }
    if (CLOSING.has(name)) {
      return fields;
    }
  }
  return undefined;
}

/** @returns false where an expression may read more than the fields it names */
function collect(expression: unknown, into: Set<string>): boolean {
  if (typeof expression === "string") {
    if (expression.startsWith("$") && !expression.startsWith("$$")) {
      into.add(expression.slice(1).split(".", 1)[0] ?? "");
    }
    return !WHOLE.test(expression);
  }
  if (Array.isArray(expression)) {
    return expression.every((item) => collect(item, into));
  }
  return !isDocument(expression) || Object.values(expression).every((value) => collect(value, into));
}
