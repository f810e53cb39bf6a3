import {
  type Document,
  MongoBulkWriteError,
  MongoClientBulkWriteError,
  MongoError,
  MongoServerError,
} from "mongodb";
import type { Entities } from "./entities.js";
import { findMismatch } from "./find-mismatch.js";

/**
 * The first difference of an error from the `expectError` of a unified test; undefined if it matches.
 * Only the driver's errors count: others are mistakes of the test, or of its runner.
 */
export function errorMismatch(expected: Document, error: unknown, entities: Entities): string | undefined {
  if (!(error instanceof MongoError)) {
    return `expected an error of the driver, got ${error ?? "a result"}`;
  }
  for (const [field, value] of Object.entries(expected)) {
    const mismatch = fieldMismatch(field, value, error, entities);
    if (mismatch !== undefined) {
      return `expectError.${field}: ${mismatch}, in ${error.name}: ${error.message}`;
    }
  }
  return undefined;
}

function fieldMismatch(
  field: string,
  expected: Document[string],
  error: MongoError & Document,
  entities: Entities,
): string | undefined {
  switch (field) {
    case "isError":
      return undefined;
    case "isClientError":
      return same(expected, !isOfServer(error));
    case "isTimeoutError":
      return same(expected, error.name === "MongoOperationTimeoutError");
    case "errorContains":
      return error.message.toLowerCase().includes(expected.toLowerCase())
        ? undefined
        : `expected ${expected}`;
    case "errorCode":
      return same(expected, error.code);
    case "errorCodeName":
      return same(expected, error.codeName);
    case "errorLabelsContain":
      return labelsMismatch(expected, error, true);
    case "errorLabelsOmit":
      return labelsMismatch(expected, error, false);
    case "errorResponse":
      return findMismatch(expected, error.errorResponse, entities, "ofRoot");
    case "expectResult":
      return findMismatch(expected, partialResult(error), entities, "ofRoot");
    case "writeErrors":
      return writeErrorsMismatch(expected, error, entities);
    default:
      throw new Error(`${field}: unknown field of expectError`);
  }
}

function same(expected: unknown, actual: unknown): string | undefined {
  return expected === actual ? undefined : `expected ${expected}, got ${actual}`;
}

/** The driver's error of a bulk write is one of a server, whatever it was that failed. */
function isOfServer(error: Error): boolean {
  return error instanceof MongoBulkWriteError
    ? error.errorResponse instanceof MongoServerError || error.code !== undefined
    : error instanceof MongoServerError;
}

function labelsMismatch(labels: string[], error: MongoError, contained: boolean): string | undefined {
  const wrong = labels.find((label) => error.hasErrorLabel(label) !== contained);
  return wrong === undefined ? undefined : `${wrong} is ${contained ? "missing" : "there"}`;
}

function partialResult(error: Error): unknown {
  if (error instanceof MongoBulkWriteError) {
    return error.result;
  }
  return error instanceof MongoClientBulkWriteError ? error.partialResult : undefined;
}

function writeErrorsMismatch(expected: Document, error: Error & Document, entities: Entities) {
  const actual =
    error instanceof MongoBulkWriteError
      ? new Map([error.writeErrors].flat().map((one) => [one.index, one]))
      : error.writeErrors;
  if (!(actual instanceof Map) || actual.size !== Object.keys(expected).length) {
    return `expected ${Object.keys(expected).length} write errors`;
  }
  for (const [index, one] of Object.entries(expected)) {
    const mismatch = findMismatch(one, actual.get(Number(index)), entities, "ofRoot", `[${index}]`);
    if (mismatch !== undefined) {
      return mismatch;
    }
  }
  return undefined;
}
