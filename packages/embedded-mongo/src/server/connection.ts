import type { Socket } from "node:net";
import { decodePlain } from "../bson/bson-codec.js";
import { findElement } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { CommandError } from "../errors/command-error.js";
import type { CommandContext } from "../protocol/command-context.js";
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
  readonly context: Pick<CommandContext, "database" | "cursors" | "server">;
  /** Called when the connection names the client that it belongs to. */
  readonly onClient: (client: string) => void;
}

/** Serves one connection until it ends. Bytes that are no message end this connection only. */
export function serveConnection(socket: Socket, options: ConnectionOptions): void {
  const split = messageSplitter();
  let client = `connection ${options.id}`;
  options.onClient(client);
  const remoteAddress = `${socket.remoteAddress ?? "unknown"}:${socket.remotePort ?? 0}`;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    try {
      for (const message of split(chunk)) {
        answer(message);
      }
    } catch (error) {
      if (!(error instanceof MalformedMessageError || error instanceof CommandError)) {
        throw error;
      }
      socket.destroy();
    }
  });

  function answer(message: Buffer): void {
    const request = parse(message);
    if (request === undefined) {
      return;
    }
    const named = clientOf(request);
    if (named !== undefined) {
      client = named;
      options.onClient(client);
    }
    const reply = handleCommand(
      { ...options.context, client, connectionId: options.id, remoteAddress },
      request,
    );
    if (!request.noReply && !socket.destroyed) {
      const [head, body] = encodeReply(request, reply);
      socket.cork();
      socket.write(head ?? "");
      socket.write(body ?? "");
      socket.uncork();
    }
  }

  /** A broken document within a message that is whole is answered; the connection goes on. */
  function parse(message: Buffer): WireRequest | undefined {
    try {
      return parseMessage(message);
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
      socket.write(Buffer.concat(encodeReply(request, encodeError(error))));
      return undefined;
    }
  }
}

/** A driver's connections introduce themselves with the same `client` document. */
function clientOf(request: WireRequest): string | undefined {
  const client = findElement(request.body, "client");
  if (client?.type !== BsonType.document) {
    return undefined;
  }
  return JSON.stringify(decodePlain(request.body.subarray(client.value, client.end)));
}
