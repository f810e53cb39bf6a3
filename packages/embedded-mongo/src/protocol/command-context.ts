import type { PlainDocument } from "../bson/bson-document.js";
import type { Database } from "../records/database.js";
import type { CommandRequest } from "./command-request.js";
import type { Cursors } from "./cursors.js";

/** What a command works with. */
export interface CommandContext {
  readonly database: Database;
  readonly cursors: Cursors;
  readonly server: ServerFacts;
  /** Who is asking: all connections of one client have the same. */
  readonly client: string;
  readonly connectionId: number;
  readonly remoteAddress: string;
}

export interface ServerFacts {
  readonly startedAt: Date;
  readonly host: string;
  readonly port: () => number;
  readonly connections: () => { readonly current: number; readonly created: number };
}

/** The fields of an answer, without `ok`; or the whole answer as BSON. */
export type CommandResult = PlainDocument | Buffer;

export type CommandHandler = (context: CommandContext, request: CommandRequest) => CommandResult;
