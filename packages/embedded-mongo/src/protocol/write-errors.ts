import type { PlainDocument } from "../bson/bson-document.js";
import { CommandError } from "../errors/command-error.js";
import { booleanField, type CommandRequest, documentsField } from "./command-request.js";

const MAX_BATCH = 100_000;

/**
 * Runs the statements of a batch. An ordered batch, which is the default, ends at its first failure.
 *
 * @param field of the request that holds them
 * @param run throws CommandError where a statement fails; what else it throws fails the whole command
 * @throws CommandError InvalidLength
 */
export function runStatements(
  request: CommandRequest,
  field: string,
  run: (statement: Buffer, index: number) => void,
): PlainDocument[] {
  const statements = documentsField(request, field);
  if (statements.length === 0 || statements.length > MAX_BATCH) {
    throw new CommandError(
      "InvalidLength",
      `Write batch sizes must be between 1 and ${MAX_BATCH}. Got ${statements.length} operations.`,
    );
  }
  const ordered = booleanField(request, "ordered") ?? true;
  const errors: PlainDocument[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      if (!(error instanceof CommandError)) {
        throw error;
      }
      errors.push({ index, code: error.code, ...error.details, errmsg: error.message });
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
