import { evalExpr } from "mingo/core";
import type { Options } from "mingo/types";
import { isDocument, isOperatorObject, type PlainDocument } from "../bson/bson-document.js";
import { numberOf } from "../bson/bson-number.js";
import { documentOf } from "../bson/field-order.js";
import { typedOf } from "../bson/typed-document.js";
import { CommandError } from "../errors/command-error.js";
import { ARITHMETIC } from "./arithmetic.js";
import { CONVERSIONS } from "./conversions.js";

const PARTS_OF_COND = [
  ["if", "Location17080"],
  ["then", "Location17081"],
  ["else", "Location17082"],
] as const;

const FIELD_PATH = /^\$(?!\$)|^\$\$ROOT\b/;

/**
 * The value of an expression over a plain document. A field that is only passed on keeps its type, be it alone or within
 * a document of such, and arithmetic has the type of its operands; what else is computed has JavaScript's numbers.
 */
export function evaluate(document: PlainDocument, expression: unknown, options: Options): unknown {
  if (typeof expression === "string" && FIELD_PATH.test(expression)) {
    return evalExpr(typedOf(rootOf(options) ?? document), expression, withoutLocals(options));
  }
  if (isDocument(expression) && !isOperatorObject(expression)) {
    return documentOf(
      Object.entries(expression)
        .map(([name, value]) => [name, evaluate(document, value, options)] as const)
        .filter(([, value]) => value !== undefined),
    );
  }
  const [[operator = "", argument] = [], ...more] = isDocument(expression) ? Object.entries(expression) : [];
  const compute = more.length === 0 ? (ARITHMETIC.get(operator) ?? CONVERSIONS.get(operator)) : undefined;
  if (compute !== undefined) {
    const operands: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
    return compute(operands.map((operand) => evaluate(document, operand, options)));
  }
  const chosen = isDocument(expression) ? choose(document, expression, options) : undefined;
  if (chosen !== undefined) {
    return evaluate(document, chosen.expression, options);
  }
  const value: unknown = evalExpr(document, expression, options);
  return isDocument(value) ? typedOf(value) : value;
}

/** The expression that `$switch`, `$cond` or `$ifNull` comes down to; undefined where the operator is another. */
function choose(
  document: PlainDocument,
  { $switch: branches, $cond: condition, $ifNull: candidates }: PlainDocument,
  options: Options,
): { readonly expression: unknown } | undefined {
  if (branches !== undefined) {
    return { expression: branchOf(document, branches, options) };
  }
  if (Array.isArray(candidates) && candidates.length > 1) {
    const isGiven = (candidate: unknown): boolean =>
      (evalExpr(document, candidate, options) ?? null) !== null;
    return { expression: candidates.slice(0, -1).find(isGiven) ?? candidates.at(-1) };
  }
  return condition === undefined ? undefined : { expression: sideOf(document, condition, options) };
}

/** The expression of the side that `$cond` takes: only that is evaluated, the other may fail. */
export function sideOf(document: unknown, condition: unknown, options: Options): unknown {
  if (Array.isArray(condition)) {
    if (condition.length !== 3) {
      throw new CommandError(
        "Location16020",
        `Expression $cond takes exactly 3 arguments. ${condition.length} were passed in.`,
      );
    }
    return isTrue(document, condition[0], options) ? condition[1] : condition[2];
  }
  const parts = isDocument(condition) ? condition : {};
  for (const [name, code] of PARTS_OF_COND) {
    if (!(name in parts)) {
      throw new CommandError(code, `Missing '${name}' parameter to $cond`);
    }
  }
  return isTrue(document, parts.if, options) ? parts.then : parts.else;
}

/** Whether a value counts as true: all do but null, false and zeros, and those that are missing. */
export function isTrue(document: unknown, expression: unknown, options: Options): boolean {
  const value: unknown = evalExpr(document, expression, options);
  return value !== null && value !== undefined && value !== false && numberOf(value) !== 0;
}

/** The expression of the branch that `$switch` takes. */
export function branchOf(document: unknown, argument: unknown, options: Options): unknown {
  const { branches, ...rest } = isDocument(argument) ? argument : {};
  if (!Array.isArray(branches)) {
    throw new CommandError("Location40061", "$switch expected an array for 'branches'");
  }
  if (branches.length === 0) {
    throw new CommandError("Location40068", "$switch requires at least one branch");
  }
  const checked = branches.map(checkBranch);
  const taken = checked.find((branch) => isTrue(document, branch.case, options));
  if (taken === undefined && !("default" in rest)) {
    throw new CommandError(
      "Location40066",
      "$switch could not find a matching branch for an input, and no default was specified",
    );
  }
  return taken === undefined ? rest.default : taken.then;
}

function checkBranch(branch: unknown): PlainDocument {
  if (!isDocument(branch)) {
    throw new CommandError("Location40062", "$switch expected each branch to be an object");
  }
  const missing = ["case", "then"].find((field) => branch[field] === undefined);
  if (missing !== undefined) {
    throw new CommandError(
      missing === "case" ? "Location40064" : "Location40065",
      `$switch requires each branch have a '${missing}' expression`,
    );
  }
  return branch;
}

/** What mingo adds to the options within an expression: the document that the expression is about. */
function rootOf(options: Options): PlainDocument | undefined {
  const root = anyRootOf(options);
  return isDocument(root) ? root : undefined;
}

/** Whether mingo asks for the value of a group, as opposed to one within a document. */
export function isAboutGroup(options: Options): boolean {
  return Array.isArray(anyRootOf(options));
}

function anyRootOf(options: Options): unknown {
  const local: unknown = "local" in options ? options.local : undefined;
  return isDocument(local) ? local.root : undefined;
}

/** The options as they are outside of any expression. */
export function withoutLocals(options: Options): Options {
  return {
    idKey: options.idKey,
    scriptEnabled: options.scriptEnabled,
    useStrictMode: options.useStrictMode,
    failOnError: options.failOnError,
    processingMode: options.processingMode,
    context: options.context,
    ...(options.variables && { variables: options.variables }),
  };
}
