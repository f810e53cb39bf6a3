import { connect as connectTo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

interface CutOptions {
  /** How many messages of the command are affected. Default 3. */
  readonly most?: number;
  /** Cut before the message goes to the server. Default: no. */
  readonly swallow?: boolean;
  /** Do not cut, but hold the answer back for this long. */
  readonly holdMs?: number;
}

/** Passes everything on; cuts the connection when a message of this command has gone to the server, or should go there. */
export async function startCuttingProxy(
  uri: string,
  command: string,
  { most = 3, swallow = false, holdMs }: CutOptions = {},
) {
  const { hostname, port } = new URL(uri);
  const sockets = new Set<Socket>();
  let cuts = 0;
  const proxy = createServer((client) => {
    const server = connectTo(Number(port), hostname);
    let isCut = false;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => {
      // OP_MSG: header, flags, section kind, document length, then the first element: its type, then the command's name.
      if (cuts < most && chunk.subarray(26).toString("latin1").startsWith(`${command}\0`)) {
        cuts += 1;
        isCut = true;
        if (swallow) {
          client.destroy();
          return;
        }
      }
      server.write(chunk);
    });
    server.on("data", (chunk: Buffer) => {
      if (isCut && holdMs !== undefined) {
        isCut = false;
        setTimeout(() => client.write(chunk), holdMs);
      } else if (isCut) {
        client.destroy();
      } else {
        client.write(chunk);
      }
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) {
      socket.destroy();
    }
    await new Promise((resolve) => proxy.close(resolve));
  });
  const address = proxy.address();
  const proxyPort = typeof address === "object" && address !== null ? address.port : 0;
  return { uri: `mongodb://127.0.0.1:${proxyPort}/?directConnection=true`, cuts: () => cuts };
}
