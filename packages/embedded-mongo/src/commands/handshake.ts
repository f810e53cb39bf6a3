import { UUID } from "bson";
import { CommandError } from "../errors/command-error.js";
import { command, openCommand } from "../protocol/command.js";
import { fields } from "../protocol/command-fields.js";
import { type CommandRequest, documentsField, sessionKey, sessionOf } from "../protocol/command-request.js";
import { MAX_BATCH_SIZE } from "../protocol/run-statements.js";
import { MAX_MESSAGE_BYTES } from "../protocol/wire-message.js";
import { MAX_DOCUMENT_BYTES } from "../records/write-records.js";

/** MongoDB's default; sessions do not expire here. */
const SESSION_MINUTES = 30;

/**
 * Answers as a standalone server of MongoDB 8.0 (wire version 25). Standalone, because a driver then does not send
 * retryable writes, transactions or change streams, which this server does not have; with a session time-out, because
 * without one drivers send no sessions, and some helpers need them. No `topologyVersion`: monitors poll instead of
 * holding an exhaust hello open.
 */
export const hello = openCommand(
  (context, request) => ({
    ...(request.name === "hello" ? { isWritablePrimary: true } : { ismaster: true }),
    helloOk: true,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: MAX_BATCH_SIZE,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: SESSION_MINUTES,
    connectionId: context.operation.origin.connectionId,
    minWireVersion: 0,
    maxWireVersion: 25,
    readOnly: false,
  }),
  // A driver that asks for it connects, and its first command is refused by name.
  fields({ flag: "apiStrict" }),
);

export const startSession = command(fields({}), () => ({
  id: { id: new UUID() },
  timeoutMinutes: SESSION_MINUTES,
}));

/** A session has nothing but the cursors that were opened in it. */
export const endSessions = command(fields({ documents: "endSessions" }), (context, request) => {
  const ended = endedSessions(request);
  context.cursors.killWhere((cursor) => cursor.session !== undefined && ended.has(cursor.session));
  return {};
});

/** Also interrupts the commands that run in these sessions. */
export const killSessions = command(fields({ documents: "killSessions" }), (context, request) => {
  const ended = endedSessions(request);
  context.operations.interruptWhere(
    (operation) => ended.has(sessionOf(operation.request) ?? ""),
    new CommandError("Interrupted", "operation was interrupted by killSessions"),
  );
  return endSessions.run(context, request);
});

function endedSessions(request: CommandRequest): ReadonlySet<string> {
  return new Set(documentsField(request, request.name).flatMap((session) => sessionKey(session) ?? []));
}

export const refreshSessions = command(fields({ documents: "refreshSessions" }), () => ({}));
