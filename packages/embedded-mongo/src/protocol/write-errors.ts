import type { PlainDocument } from "../bson/bson-document.js";
import type { RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import type { Pause } from "../records/pause.js";
import { booleanField, type CommandRequest, documentsField } from "./command-request.js";

const MAX_BATCH = 100_000;

/** How the statements of a batch are run. Where one fails it throws a CommandError; what else is thrown fails the command. */
export interface StatementRunner<Statement, Outcome> {
  /** Of the request. */
  readonly field: string;
  /** Checks the fields of a statement, before any is run. A CommandError fails the command. */
  readonly read: (statement: RawValue) => Statement;
  /** Runs a function in a transaction. */
  readonly write: <T>(run: () => T) => T;
  /** Within a transaction. Undefined: it takes long, nothing was done, and `runLong` has to do it. */
  readonly runAtOnce: (statement: Statement) => Outcome | undefined;
  /** Outside of a transaction. */
  readonly runLong?: (statement: Statement) => Generator<Pause, Outcome, undefined>;
}

export interface BatchResult<Outcome> {
  readonly outcomes: readonly { readonly index: number; readonly outcome: Outcome }[];
  readonly errors: readonly PlainDocument[];
}

/**
 * Runs the statements of a batch, in one transaction unless one takes long. An ordered batch, which is the default, ends at
 * its first failure.
 *
 * @throws CommandError InvalidLength, and what `read` throws
 */
export function* runStatements<Statement, Outcome>(
  request: CommandRequest,
  runner: StatementRunner<Statement, Outcome>,
): Generator<Pause, BatchResult<Outcome>, undefined> {
  const statements = readStatements(request, runner.field).map((statement) => runner.read(statement));
  const isOrdered = booleanField(request, "ordered", true);
  let outcomes: BatchResult<Outcome>["outcomes"] = [];
  let errors: BatchResult<Outcome>["errors"] = [];
  let next = 0;
  while (next < statements.length && !(isOrdered && errors.length > 0)) {
    const part = runner.write(() => runWhileQuick(statements, next, isOrdered, runner.runAtOnce));
    outcomes = [...outcomes, ...part.outcomes];
    errors = [...errors, ...part.errors];
    const long = part.long === undefined ? undefined : statements[part.long];
    if (part.long === undefined || long === undefined || runner.runLong === undefined) {
      break;
    }
    try {
      outcomes = [...outcomes, { index: part.long, outcome: yield* runner.runLong(long) }];
    } catch (error) {
      errors = [...errors, writeError(error, part.long)];
    }
    next = part.long + 1;
  }
  return { outcomes, errors };
}

function readStatements(request: CommandRequest, field: string): readonly RawValue[] {
  const statements = documentsField(request, field);
  if (statements.length === 0 || statements.length > MAX_BATCH) {
    throw new CommandError(
      "InvalidLength",
      `Write batch sizes must be between 1 and ${MAX_BATCH}. Got ${statements.length} operations.`,
    );
  }
  return statements;
}

function runWhileQuick<Statement, Outcome>(
  statements: readonly Statement[],
  from: number,
  isOrdered: boolean,
  run: (statement: Statement) => Outcome | undefined,
): BatchResult<Outcome> & { readonly long?: number } {
  const outcomes: { index: number; outcome: Outcome }[] = [];
  const errors: PlainDocument[] = [];
  for (const [position, statement] of statements.slice(from).entries()) {
    const index = from + position;
    try {
      const outcome = run(statement);
      if (outcome === undefined) {
        return { outcomes, errors, long: index };
      }
      outcomes.push({ index, outcome });
    } catch (error) {
      errors.push(writeError(error, index));
      if (isOrdered) {
        break;
      }
    }
  }
  return { outcomes, errors };
}

function writeError(error: unknown, index: number): PlainDocument {
  if (!(error instanceof CommandError)) {
    throw error;
  }
  return { index, code: error.code, ...error.details, errmsg: error.message };
}

export function withWriteErrors(result: PlainDocument, errors: readonly PlainDocument[]): PlainDocument {
  return errors.length === 0 ? result : { ...result, writeErrors: errors };
}
