import { once } from "node:events";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import type { UpstreamEnv } from "./upstream-env.js";

export interface Listening {
  readonly origin: string;
  /** Stops listening and cuts open connections, idle ones too. */
  close(): Promise<void>;
}

/**
 * Serves `app` on 127.0.0.1.
 *
 * @param port 0: any free port
 * @throws where the port is taken
 */
export async function listen(app: Hono<UpstreamEnv>, port: number): Promise<Listening> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    hostname: "127.0.0.1",
    overrideGlobalObjects: false,
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no TCP address");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}
