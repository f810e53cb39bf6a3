import { isNumberType } from "../bson/bson-type.js";
import { int32Of } from "../bson/number-value.js";
import { fieldsOf, isOperatorDocument, type RawValue } from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import type { KeyPattern } from "./index-keys.js";

/** A sort specification, e.g. `{ name: 1, age: -1 }`. */
export function sortPatternOf(sort: RawValue): KeyPattern {
  return fieldsOf(sort).map(([path, value]) => {
    const direction = int32Of(value);
    if (!isNumberType(value.type)) {
      const illegal = `Illegal key in $sort specification: ${path}: ${shellText(value)}`;
      throw isOperatorDocument(value)
        ? notSupported(illegal, "Location15974")
        : new CommandError("Location15974", illegal);
    }
    if (direction !== 1 && direction !== -1) {
      throw new CommandError(
        "Location15975",
        "$sort key ordering must be 1 (for ascending) or -1 (for descending)",
      );
    }
    if (path === "") {
      throw new CommandError("Location40352", "FieldPath cannot be constructed with empty string");
    }
    if (path.startsWith("$")) {
      throw new CommandError("Location16410", `FieldPath field names may not start with '$': ${path}`);
    }
    return [path, direction] as const;
  });
}
