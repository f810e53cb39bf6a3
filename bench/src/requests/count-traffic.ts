import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Bytes on the wire, headers included. */
export interface Traffic {
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface TrafficCounter {
  /** Where a client finds the server through the counter. */
  readonly origin: string;
  /** What a client sent and received since the last call. */
  take(): Traffic;
  close(): Promise<void>;
}

/**
 * Stands before an HTTP server on 127.0.0.1, and counts what goes through.
 *
 * @param port of the server, which may be replaced by another one at this port
 */
export async function countTraffic(port: number): Promise<TrafficCounter> {
  const sockets = new Set<Socket>();
  let sentBytes = 0;
  let receivedBytes = 0;
  const counter = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      // A server that was replaced cuts connections that are idle.
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
    client.on("data", ({ length }: Buffer) => {
      sentBytes += length;
    });
    server.on("data", ({ length }: Buffer) => {
      receivedBytes += length;
    });
  });
  counter.listen(0, "127.0.0.1");
  await once(counter, "listening");
  const address = counter.address();
  if (address === null || typeof address === "string") {
    throw new TypeError("the counter has no TCP address");
  }
  return {
    origin: `http://127.0.0.1:${address.port}`,
    take() {
      const taken = { sentBytes, receivedBytes };
      sentBytes = 0;
      receivedBytes = 0;
      return taken;
    },
    async close() {
      counter.close();
      for (const socket of sockets) {
        socket.destroy();
      }
      await once(counter, "close");
    },
  };
}
