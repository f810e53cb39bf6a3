import type { CommandHandler } from "../protocol/command-context.js";
import { MAX_MESSAGE_BYTES } from "../protocol/wire-message.js";
import { MAX_DOCUMENT_BYTES } from "../records/write-records.js";

/**
 * Answers as a standalone server of MongoDB 8.0 (wire version 25). Standalone, because a driver then does not send
 * retryable writes, transactions or change streams, which this server does not have; with a session time-out, because
 * without one drivers send no sessions, and some helpers need them. No `topologyVersion`: monitors poll instead of
 * holding an exhaust hello open.
 */
export const hello: CommandHandler = (context, request) => ({
  ...(request.name === "hello" ? { isWritablePrimary: true } : { ismaster: true }),
  helloOk: true,
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  maxMessageSizeBytes: MAX_MESSAGE_BYTES,
  maxWriteBatchSize: 100_000,
  localTime: new Date(),
  logicalSessionTimeoutMinutes: 30,
  connectionId: context.connectionId,
  minWireVersion: 0,
  maxWireVersion: 25,
  readOnly: false,
});
