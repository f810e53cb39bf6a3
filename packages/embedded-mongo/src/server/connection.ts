import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { findElement } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { CommandError } from "../errors/command-error.js";
import type { ServerContext } from "../protocol/command-context.js";
import type { CommandOrigin } from "../protocol/operations.js";
import {
  encodeReply,
  MalformedMessageError,
  messageSplitter,
  parseMessage,
  type WireRequest,
} from "../protocol/wire-message.js";
import { encodeError, handleCommand } from "./handle-command.js";

export interface ConnectionOptions {
  readonly id: number;
  readonly server: ServerContext;
  /** Called when the connection names the client that it belongs to. */
  readonly onClient: (client: string) => void;
}

/**
 * Serves one connection until it ends, one request at a time: the next is taken once the client has read the answer,
 * apart from what the system buffers. A malformed message ends this connection only.
 */
export function serveConnection(socket: Socket, { id, server, onClient }: ConnectionOptions): void {
  const split = messageSplitter();
  const waiting: Buffer[] = [];
  let isBusy = false;
  let origin: CommandOrigin = {
    client: `connection ${id}`,
    connectionId: id,
    remoteAddress: `${socket.remoteAddress ?? "unknown"}:${socket.remotePort ?? 0}`,
  };
  onClient(origin.client);
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    // A request without an answer is still carried out.
    server.operations.interruptWhere(
      ({ origin: { connectionId }, request }) => connectionId === id && !request.noReply,
      new CommandError("Interrupted", "the client has closed the connection"),
    );
  });
  socket.on("data", (chunk) => {
    try {
      waiting.push(...split(chunk));
    } catch (error) {
      closeOn(error);
    }
    if (!isBusy) {
      void serve();
    } else if (waiting.length > 0) {
      socket.pause();
    }
  });

  async function serve(): Promise<void> {
    isBusy = true;
    for (let message = waiting.shift(); message !== undefined; message = waiting.shift()) {
      try {
        await answer(message);
      } catch (error) {
        closeOn(error);
      }
      if (waiting.length > 0) {
        await nextTurn();
      }
    }
    isBusy = false;
    socket.resume();
  }

  function closeOn(error: unknown): void {
    if (!(error instanceof MalformedMessageError || error instanceof CommandError)) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
    waiting.length = 0;
    socket.destroy();
  }

  async function answer(message: Buffer): Promise<void> {
    const { request, fault } = parse(message);
    if (socket.destroyed && !request.noReply) {
      return;
    }
    const client = clientOf(request);
    if (client !== undefined) {
      origin = { ...origin, client };
      onClient(client);
    }
    const reply = fault === undefined ? await handleCommand(server, origin, request) : encodeError(fault);
    if (!request.noReply && !socket.destroyed) {
      const [head, body] = encodeReply(request, reply);
      socket.cork();
      socket.write(head ?? "");
      socket.write(body ?? "");
      socket.uncork();
      await drained(socket);
    }
  }
}

interface ParsedMessage {
  readonly request: WireRequest;
  readonly fault?: CommandError;
}

/** An invalid document within a well-formed message is answered with an error, and the connection stays open. */
function parse(message: Buffer): ParsedMessage {
  try {
    return { request: parseMessage(message) };
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    const request: WireRequest = {
      requestId: message.readInt32LE(4),
      body: Buffer.alloc(0),
      sequences: new Map(),
      noReply: false,
      legacy: false,
    };
    return { request, fault: error };
  }
}

/** Waits until the client has read what was written to it, or is gone. */
function drained(socket: Socket): Promise<void> | undefined {
  if (!socket.writableNeedDrain) {
    return undefined;
  }
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.on("drain", done).on("close", done);
  });
}

/** A driver's connections introduce themselves with the same `client` document, whatever is in it. */
function clientOf(request: WireRequest): string | undefined {
  const client = findElement(request.body, "client");
  return client?.type === BsonType.document
    ? createHash("sha256").update(request.body.subarray(client.value, client.end)).digest("hex")
    : undefined;
}
