import type { PlainDocument } from "../bson/bson-document.js";
import { CommandError } from "../errors/command-error.js";

/** One failed statement of a batch, as the driver's BulkWriteError shows it. */
export function writeError(index: number, error: CommandError): PlainDocument {
  return { index, code: error.code, ...error.details, errmsg: error.message };
}

/**
 * Runs the statements of a batch. An ordered batch ends at its first failure.
 *
 * @param run throws CommandError where a statement fails; what else it throws fails the whole command
 */
export function runStatements<T>(
  statements: readonly T[],
  ordered: boolean,
  run: (statement: T, index: number) => void,
): PlainDocument[] {
  const errors: PlainDocument[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      if (!(error instanceof CommandError)) {
        throw error;
      }
      errors.push(writeError(index, error));
      if (ordered) {
        break;
      }
    }
  }
  return errors;
}

export function withWriteErrors(result: PlainDocument, errors: readonly PlainDocument[]): PlainDocument {
  return errors.length === 0 ? result : { ...result, writeErrors: errors };
}
