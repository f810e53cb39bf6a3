import { Long } from "bson";
import type { PlainDocument } from "../bson/bson-document.js";
import { BsonType } from "../bson/bson-type.js";
import { documentValue, fieldsOf, isTrue, type RawValue, textOf } from "../bson/raw-value.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { command } from "../protocol/command.js";
import type { CommandContext } from "../protocol/command-context.js";
import { fields } from "../protocol/command-fields.js";
import { numberField } from "../protocol/command-request.js";
import type { Operation } from "../protocol/operations.js";

export const killOp = command(fields({ number: "op", required: "op" }), (context, request) => {
  const id = numberField(request, "op");
  context.operations.interruptWhere(
    (operation) => operation.id === id,
    new CommandError("Interrupted", "operation was interrupted by killOp"),
  );
  return { info: "attempting to kill op" };
});

export const currentOp = command(fields({ refused: "$all $ownOps $truncateOps" }), (context) => ({
  inprog: currentOperations(context),
}));

/** The running commands, as `currentOp` and the stage `$currentOp` show them. */
export function currentOperations({ operations, server }: CommandContext): PlainDocument[] {
  return operations.list().map((operation) => describeOperation(operation, server.host));
}

/** There is one user, no shard and no session without an operation; large fields are never shown. */
const CURRENT_OP_OPTIONS = ["allUsers", "idleSessions", "localOps", "truncateOps"];
const REFUSED_CURRENT_OP_OPTIONS = ["idleConnections", "idleCursors", "backtrace", "targetAllNodes"];

/** @throws CommandError FailedToParse, as MongoDB, or NotImplemented */
export function checkCurrentOpOptions(options: RawValue): void {
  if (options.type !== BsonType.document) {
    throw new CommandError("FailedToParse", "$currentOp options must be specified in an object");
  }
  for (const [name, value] of fieldsOf(options)) {
    const isRefused = REFUSED_CURRENT_OP_OPTIONS.includes(name);
    if (!isRefused && !CURRENT_OP_OPTIONS.includes(name)) {
      throw new CommandError("FailedToParse", `Unrecognized option '${name}' in $currentOp stage.`);
    }
    if (value.type !== BsonType.boolean) {
      const message = `The '${name}' parameter of the $currentOp stage must be a boolean value`;
      throw new CommandError("FailedToParse", message);
    }
    if (isRefused && isTrue(value)) {
      throw notSupported(`'$currentOp.${name}'`);
    }
  }
}

function describeOperation(operation: Operation, host: string): PlainDocument {
  const { id, request, origin, startedMs } = operation;
  const micros = Math.floor((performance.now() - startedMs) * 1000);
  const first = request.fields.get(request.name);
  const collection = first?.type === BsonType.string ? textOf(first) : "$cmd";
  return {
    type: "op",
    host,
    connectionId: origin.connectionId,
    client: origin.remoteAddress,
    active: true,
    currentOpTime: new Date().toISOString(),
    opid: id,
    secs_running: Long.fromNumber(Math.floor(micros / 1_000_000)),
    microsecs_running: Long.fromNumber(micros),
    op: OPS[request.name] ?? "command",
    ns: `${request.db}.${collection}`,
    command: shortCommand(operation),
    killPending: operation.interruption !== undefined,
  };
}

/** MongoDB's names for kinds of operations; any other is a "command". */
const OPS: Readonly<Record<string, string>> = {
  find: "query",
  getMore: "getmore",
  insert: "insert",
  update: "update",
  delete: "remove",
};

const SHOWN_BYTES = 1000;

/** The command without its large fields. */
function shortCommand({ request }: Operation): unknown {
  return documentValue([...request.fields].filter(([, { at, end }]) => end - at <= SHOWN_BYTES));
}
