import type { PlainDocument } from "../bson/bson-document.js";
import type { RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { MAX_TRANSACTION_MS } from "../records/database.js";
import { PAUSE, type Pause } from "../records/pause.js";
import { booleanField, type CommandRequest, documentsField } from "./command-request.js";

/** MongoDB's limit of statements in a batch. */
export const MAX_BATCH_SIZE = 100_000;
/** How many statements, and bytes of them, one transaction runs and holds in memory. */
const MAX_STATEMENTS = 1_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** How the statements of a batch are run. A CommandError fails its statement; any other error fails the command. */
export interface StatementRunner<Statement, Outcome> {
  /** The request's field that has the statements. */
  readonly field: string;
  /** Checks the fields of a statement, before any is run. A CommandError fails the command. */
  readonly read: (statement: RawValue) => Statement;
  /** Runs a function in a transaction. */
  readonly write: <T>(run: () => T) => T;
  /** Within a transaction. Undefined: it would take long; nothing was done, and `runLong` must do it. */
  readonly runAtOnce: (statement: Statement) => Outcome | undefined;
  /** Outside of a transaction. */
  readonly runLong?: (statement: Statement) => Generator<Pause, Outcome, undefined>;
}

export interface BatchResult<Outcome> {
  readonly outcomes: readonly { readonly index: number; readonly outcome: Outcome }[];
  readonly errors: readonly PlainDocument[];
}

/**
 * Runs the statements of a batch, in one transaction if they are few and soon done, else in several. An ordered batch, which
 * is the default, ends at its first failure.
 *
 * @throws CommandError InvalidLength, and what `read` throws
 */
export function* runStatements<Statement, Outcome>(
  request: CommandRequest,
  runner: StatementRunner<Statement, Outcome>,
): Generator<Pause, BatchResult<Outcome>, undefined> {
  const given = readStatements(request, runner.field);
  const statements = given.map((statement) => runner.read(statement));
  const isOrdered = booleanField(request, "ordered", true);
  let outcomes: BatchResult<Outcome>["outcomes"] = [];
  let errors: BatchResult<Outcome>["errors"] = [];
  let next = 0;
  while (next < statements.length && !(isOrdered && errors.length > 0)) {
    const range = { from: next, to: endOfTransaction(given, next) };
    const part = runner.write(() => runWhileQuick(statements, range, isOrdered, runner));
    outcomes = outcomes.concat(part.outcomes);
    errors = errors.concat(part.errors);
    next = part.next;
    const long = part.isLong ? statements[next] : undefined;
    if (long !== undefined && runner.runLong !== undefined) {
      try {
        outcomes = outcomes.concat({ index: next, outcome: yield* runner.runLong(long) });
      } catch (error) {
        errors = errors.concat(writeError(error, next));
      }
      next++;
    }
    if (next < statements.length) {
      yield PAUSE;
    }
  }
  return { outcomes, errors };
}

function readStatements(request: CommandRequest, field: string): readonly RawValue[] {
  const statements = documentsField(request, field);
  if (statements.length === 0 || statements.length > MAX_BATCH_SIZE) {
    throw new CommandError(
      "InvalidLength",
      `Write batch sizes must be between 1 and ${MAX_BATCH_SIZE}. Got ${statements.length} operations.`,
    );
  }
  return statements;
}

/** Index behind the last statement that one transaction may run. */
function endOfTransaction(statements: readonly RawValue[], from: number): number {
  let end = from;
  let bytes = 0;
  while (end < statements.length && end - from < MAX_STATEMENTS && bytes < MAX_BYTES) {
    const { at = 0, end: behind = 0 } = statements[end] ?? {};
    bytes += behind - at;
    end++;
  }
  return end;
}

interface BatchPart<Outcome> extends BatchResult<Outcome> {
  /** Index of the next statement. */
  readonly next: number;
  /** The next statement takes long. */
  readonly isLong: boolean;
}

function runWhileQuick<Statement, Outcome>(
  statements: readonly Statement[],
  { from, to }: { readonly from: number; readonly to: number },
  isOrdered: boolean,
  { runAtOnce, runLong }: StatementRunner<Statement, Outcome>,
): BatchPart<Outcome> {
  const outcomes: { index: number; outcome: Outcome }[] = [];
  const errors: PlainDocument[] = [];
  const end = runLong === undefined ? Number.POSITIVE_INFINITY : performance.now() + MAX_TRANSACTION_MS;
  for (let index = from; index < to; index++) {
    const statement = statements[index];
    if (statement === undefined || (index > from && performance.now() > end)) {
      return { outcomes, errors, next: index, isLong: false };
    }
    try {
      const outcome = runAtOnce(statement);
      if (outcome === undefined) {
        return { outcomes, errors, next: index, isLong: true };
      }
      outcomes.push({ index, outcome });
    } catch (error) {
      errors.push(writeError(error, index));
      if (isOrdered) {
        break;
      }
    }
  }
  return { outcomes, errors, next: to, isLong: false };
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
