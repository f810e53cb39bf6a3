import { once } from "node:events";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";

export interface HealthServer {
  /** Such as `http://127.0.0.1:9464`. */
  readonly origin: string;
  /** Stops listening and cuts open connections. */
  close(): Promise<void>;
}

/**
 * Serves the health of a schedule.
 *
 * @param port 0: any free port
 * @throws Error of the system where the host cannot be listened on, or the port is taken
 */
export async function serveHealth(
  app: Hono,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HealthServer> {
  const server = createAdaptorServer({ fetch: app.fetch, hostname: host, overrideGlobalObjects: false });
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
