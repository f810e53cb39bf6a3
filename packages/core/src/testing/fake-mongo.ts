import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { BSON, type Document } from "mongodb";
import { onTestFinished } from "vitest";

const opReply = 1;
const opMsg = 2013;

/**
 * A server on loopback that answers every command with the same document, until the test is finished: for what a server says of itself
 * and the replica set that it belongs to.
 *
 * @param hello beside `ok` and the versions that a driver asks for
 * @returns its port
 */
export async function startFakeMongo(hello: (port: number) => Document): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.on("data", (message: Buffer) => {
      const body = BSON.serialize({
        ...{ ok: 1, minWireVersion: 0, maxWireVersion: 25, maxBsonObjectSize: 16_777_216 },
        ...{
          maxMessageSizeBytes: 48_000_000,
          maxWriteBatchSize: 100_000,
          ...hello(portOf(server.address())),
        },
      });
      socket.write(reply(message.readInt32LE(4), message.readInt32LE(12) === opMsg, body));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) {
      socket.destroy();
    }
    await new Promise((resolve) => server.close(resolve));
  });
  return portOf(server.address());
}

/** A driver's first message is an OP_QUERY, and its answer an OP_REPLY. */
function reply(responseTo: number, isMsg: boolean, body: Uint8Array): Buffer {
  const start = isMsg ? 21 : 36;
  const message = Buffer.alloc(start + body.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(responseTo, 8);
  message.writeInt32LE(isMsg ? opMsg : opReply, 12);
  if (!isMsg) {
    message.writeInt32LE(1, 32);
  }
  message.set(body, start);
  return message;
}

function portOf(address: ReturnType<ReturnType<typeof createServer>["address"]>): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
