import { aliasOfType, BsonType } from "../bson/bson-type.js";
import {
  arrayValue,
  booleanValue,
  elementValues,
  intValue,
  isNullish,
  isTrue,
  MISSING,
  NULL,
  type RawValue,
  textOf,
} from "../bson/raw-value.js";
import { CommandError, type ErrorName } from "../errors/command-error.js";
import { compareValues } from "./comparison.js";
import {
  foldingOperator,
  namedArguments,
  type Operator,
  operatorOf,
  requiredInt32,
  withVariable,
} from "./expression.js";
import { checkVariableName } from "./variables.js";

/** @throws CommandError with the code if the value is not an array; `subject` starts the message */
function itemsOf(value: RawValue, subject: string, code: ErrorName): RawValue[] {
  if (value.type !== BsonType.array) {
    throw new CommandError(code, `${subject} must be an array, but is of type: ${aliasOfType(value.type)}`);
  }
  return elementValues(value);
}

const arrayElemAt = operatorOf("$arrayElemAt", 2, 2, ([array = MISSING, position = MISSING]) => {
  if (isNullish(array) || isNullish(position)) {
    return NULL;
  }
  const items = itemsOf(array, "$arrayElemAt's first argument", "Location28689");
  const index = requiredInt32(position, "$arrayElemAt's second argument", "Location28690", "Location28691");
  return items.at(index) ?? MISSING;
});

function elementAt(name: string, index: 0 | -1): Operator {
  return operatorOf(name, 1, 1, ([array = MISSING]) =>
    isNullish(array) ? NULL : (itemsOf(array, `${name}'s argument`, "Location28689").at(index) ?? MISSING),
  );
}

const concatArrays = foldingOperator(() => {
  const items: RawValue[] = [];
  return {
    add: (value) => {
      items.push(...itemsOf(value, "$concatArrays only supports arrays: each argument", "Location28664"));
    },
    result: () => arrayValue(items),
  };
});

const isIn = operatorOf("$in", 2, 2, ([value = MISSING, array = MISSING]) => {
  const items = itemsOf(array, "$in's second argument", "Location40081");
  return booleanValue(items.some((item) => compareValues(item, value) === 0));
});

const isArray = operatorOf("$isArray", 1, 1, ([value = MISSING]) =>
  booleanValue(value.type === BsonType.array),
);

const size = operatorOf("$size", 1, 1, ([array = MISSING]) =>
  intValue(itemsOf(array, "The argument to $size", "Location17124").length),
);

const slice = operatorOf("$slice", 2, 3, ([array = MISSING, second = MISSING, third]) => {
  if (isNullish(array) || isNullish(second)) {
    return NULL;
  }
  const items = itemsOf(array, "First argument to $slice", "Location28724");
  const from = requiredInt32(second, "Second argument to $slice", "Location28725", "Location28726");
  if (third === undefined) {
    return arrayValue(from < 0 ? items.slice(from) : items.slice(0, from));
  }
  if (isNullish(third)) {
    return NULL;
  }
  const count = requiredInt32(third, "Third argument to $slice", "Location28727", "Location28728");
  if (count <= 0) {
    throw new CommandError("Location28729", `Third argument to $slice must be positive: ${count}`);
  }
  const start = from < 0 ? Math.max(0, items.length + from) : from;
  return arrayValue(items.slice(start, start + count));
});

/** The name of the variable for an element: `as`, or `this`. */
function elementName(operator: string, as: RawValue): string {
  if (as.type === BsonType.missing) {
    return "this";
  }
  if (as.type !== BsonType.string) {
    throw new CommandError("TypeMismatch", `${operator} requires 'as' to be a string`);
  }
  checkVariableName(textOf(as));
  return textOf(as);
}

const filter: Operator = (argument, compile, { checkTime }) => {
  const part = namedArguments("$filter", argument, {
    notObject: "Location28646",
    unknown: "Location28647",
    required: { input: "Location28648", cond: "Location28650" },
    optional: ["as", "limit"],
  });
  const name = elementName("$filter", part("as"));
  const input = compile(part("input"));
  const condition = compile(part("cond"), [name]);
  const limit = compile(part("limit"));
  return (scope) => {
    const array = input(scope);
    const most = countLimit(limit(scope));
    if (isNullish(array)) {
      return NULL;
    }
    const kept: RawValue[] = [];
    for (const item of itemsOf(array, "input to $filter", "Location28651")) {
      checkTime();
      if (isTrue(condition(withVariable(scope, name, item)))) {
        kept.push(item);
        if (kept.length >= most) {
          break;
        }
      }
    }
    return arrayValue(kept);
  };
};

function countLimit(value: RawValue): number {
  if (isNullish(value)) {
    return Number.POSITIVE_INFINITY;
  }
  const limit = requiredInt32(value, "$filter's 'limit'", "Location327391", "Location327391");
  if (limit <= 0) {
    throw new CommandError("Location327392", `$filter's 'limit' must be greater than 0: ${limit}`);
  }
  return limit;
}

const map: Operator = (argument, compile, { checkTime }) => {
  const part = namedArguments("$map", argument, {
    notObject: "Location16878",
    unknown: "Location16879",
    required: { input: "Location16880", in: "Location16882" },
    optional: ["as"],
  });
  const name = elementName("$map", part("as"));
  const input = compile(part("input"));
  const result = compile(part("in"), [name]);
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) {
      return NULL;
    }
    return arrayValue(
      itemsOf(array, "input to $map", "Location16883").map((item) => {
        checkTime();
        return result(withVariable(scope, name, item));
      }),
    );
  };
};

const reduce: Operator = (argument, compile, { checkTime }) => {
  const part = namedArguments("$reduce", argument, {
    notObject: "Location40075",
    unknown: "Location40076",
    required: { input: "Location40077", initialValue: "Location40078", in: "Location40079" },
  });
  const input = compile(part("input"));
  const initial = compile(part("initialValue"));
  const combine = compile(part("in"), ["this", "value"]);
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) {
      return NULL;
    }
    return itemsOf(array, "input to $reduce", "Location40080").reduce((value, item) => {
      checkTime();
      return combine(withVariable(withVariable(scope, "value", value), "this", item));
    }, initial(scope));
  };
};

export const ARRAY_OPERATORS: Readonly<Record<string, Operator>> = {
  $arrayElemAt: arrayElemAt,
  $concatArrays: concatArrays,
  $filter: filter,
  $first: elementAt("$first", 0),
  $in: isIn,
  $isArray: isArray,
  $last: elementAt("$last", -1),
  $map: map,
  $reduce: reduce,
  $size: size,
  $slice: slice,
};
