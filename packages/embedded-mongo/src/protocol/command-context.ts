import type { PlainDocument } from "../bson/bson-document.js";
import { type CommandVariables, commandVariables } from "../expressions/command-variables.js";
import type { Database } from "../records/database.js";
import type { Pause } from "../records/pause.js";
import { type CommandRequest, documentField } from "./command-request.js";
import type { Cursors } from "./cursors.js";
import { checkOperation, type Operation, type Operations } from "./operations.js";

/** What all commands of a server share. */
export interface ServerContext {
  readonly database: Database;
  readonly cursors: Cursors;
  readonly operations: Operations;
  readonly server: ServerFacts;
}

/** What a command works with. */
export interface CommandContext extends ServerContext {
  /** The running command itself. */
  readonly operation: Operation;
}

export interface ServerFacts {
  readonly startedAt: Date;
  readonly host: string;
  readonly port: () => number;
  readonly connections: () => { readonly current: number; readonly created: number };
}

/** The fields of an answer without `ok`, or the whole answer as BSON. */
export type CommandResult = PlainDocument | Buffer;

/** A command that may take long is a generator with pauses. */
export type CommandHandler = (
  context: CommandContext,
  request: CommandRequest,
) => CommandResult | Generator<Pause, CommandResult, undefined>;

/** The variables of a command's `let`. */
export function readVariables({ operation }: CommandContext, request: CommandRequest): CommandVariables {
  return commandVariables(documentField(request, "let"), () => checkOperation(operation));
}
