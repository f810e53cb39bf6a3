import { once } from "node:events";
import { BlockList, isIP } from "node:net";
import { refuseOtherNames } from "@cti-connectors/server";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";

export interface HealthServer {
  /** Such as `http://127.0.0.1:9464`. */
  readonly origin: string;
  /** Stops listening and cuts open connections. */
  close(): Promise<void>;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === "localhost" : loopback.check(host, family === 4 ? "ipv4" : "ipv6");
}

/**
 * Serves the health of a schedule. On a loopback address, only requests to an address or to `localhost` are answered.
 *
 * @param port 0: any free port
 * @throws Error of the system where the host cannot be listened on, or the port is taken
 */
export async function serveHealth(
  app: Hono,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HealthServer> {
  const guarded = new Hono();
  if (isLoopback(host)) {
    guarded.use(refuseOtherNames);
  }
  guarded.all("*", (context) => app.fetch(context.req.raw));
  const server = createAdaptorServer({
    ...{ fetch: guarded.fetch, hostname: host, overrideGlobalObjects: false },
  });
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  const listening = typeof address === "object" && address !== null ? address.port : port;
  return {
    origin: `http://${host.includes(":") ? `[${host}]` : host}:${listening}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      if ("closeAllConnections" in server) {
        server.closeAllConnections();
      }
      await closed;
    },
  };
}
