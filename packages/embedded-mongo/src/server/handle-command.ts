import { Double } from "bson";
import { encode } from "../bson/raw-value.js";
import { aggregate } from "../commands/aggregate.js";
import {
  collStats,
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  renameCollection,
} from "../commands/collections.js";
import { getMore, killCursors } from "../commands/cursors.js";
import { deleteCommand } from "../commands/delete.js";
import {
  buildInfo,
  connectionStatus,
  dbStats,
  getCmdLineOpts,
  getLog,
  getParameter,
  hostInfo,
  ping,
  serverStatus,
  whatsMyUri,
} from "../commands/diagnostics.js";
import { distinct } from "../commands/distinct.js";
import { explain } from "../commands/explain.js";
import { count, find } from "../commands/find.js";
import { findAndModify } from "../commands/find-and-modify.js";
import { endSessions, hello, killSessions, refreshSessions, startSession } from "../commands/handshake.js";
import { createIndexes, dropIndexes, listIndexes } from "../commands/indexes.js";
import { insert } from "../commands/insert.js";
import { currentOp, killOp } from "../commands/operations.js";
import { update } from "../commands/update.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { checkCommand, type ServedCommand } from "../protocol/command.js";
import type { CommandHandler, CommandResult, ServerContext } from "../protocol/command-context.js";
import { type CommandRequest, numberField, readCommand } from "../protocol/command-request.js";
import type { CommandOrigin } from "../protocol/operations.js";
import type { WireRequest } from "../protocol/wire-message.js";
import { isDiskFull } from "../storage/disk-reserve.js";
import { runToEnd } from "./run-to-end.js";

/** Every command that is served; any other is answered with CommandNotFound. */
export const COMMANDS: ReadonlyMap<string, ServedCommand> = new Map(
  Object.entries({
    hello,
    isMaster: hello,
    ismaster: hello,
    ping,
    buildInfo,
    buildinfo: buildInfo,
    serverStatus,
    hostInfo,
    connectionStatus,
    whatsmyuri: whatsMyUri,
    getCmdLineOpts,
    getLog,
    getParameter,
    startSession,
    endSessions,
    killSessions,
    refreshSessions,
    find,
    getMore,
    killCursors,
    insert,
    update,
    delete: deleteCommand,
    findAndModify,
    findandmodify: findAndModify,
    aggregate,
    count,
    distinct,
    explain,
    currentOp,
    killOp,
    create,
    drop,
    dropDatabase,
    renameCollection,
    listCollections,
    listDatabases,
    listIndexes,
    createIndexes,
    dropIndexes,
    deleteIndexes: dropIndexes,
    collStats,
    collstats: collStats,
    dbStats,
    dbstats: dbStats,
  }),
);

const ADMIN_ONLY = new Set([
  "listDatabases",
  "renameCollection",
  "getParameter",
  "getCmdLineOpts",
  "getLog",
  "currentOp",
  "killOp",
]);

/** Answers one request. Never throws: an error is an answer too. */
export async function handleCommand(
  server: ServerContext,
  origin: CommandOrigin,
  wire: WireRequest,
): Promise<Buffer> {
  try {
    const request = readCommand(wire);
    const command = COMMANDS.get(request.name);
    if (command === undefined) {
      throw notSupported(`no such command: '${request.name}'`, "CommandNotFound");
    }
    checkCommand(request, command);
    if (ADMIN_ONLY.has(request.name) && request.db !== "admin") {
      throw new CommandError("Unauthorized", `${request.name} may only be run against the admin database.`);
    }
    const result = await runHandler(command.run, server, origin, request);
    return Buffer.isBuffer(result) ? result : encode({ ...result, ok: new Double(1) });
  } catch (error) {
    return encodeError(error);
  }
}

async function runHandler(
  handler: CommandHandler,
  server: ServerContext,
  origin: CommandOrigin,
  request: CommandRequest,
): Promise<CommandResult> {
  const maxTimeMs = numberField(request, "maxTimeMS") ?? 0;
  const operation = server.operations.start(request, origin);
  if (maxTimeMs > 0) {
    operation.deadlineMs = operation.startedMs + maxTimeMs;
  }
  try {
    return await runToEnd(handler({ ...server, operation }, request), operation);
  } finally {
    server.operations.end(operation);
  }
}

export function encodeError(error: unknown): Buffer {
  const { message, code, codeName, details } = error instanceof CommandError ? error : asCommandError(error);
  return encode({ ok: new Double(0), errmsg: message, code, codeName, ...details });
}

function asCommandError(error: unknown): CommandError {
  const message = error instanceof Error ? error.message : String(error);
  return new CommandError(isDiskFull(error) ? "OutOfDiskSpace" : "InternalError", message);
}
