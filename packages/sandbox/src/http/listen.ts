import { once } from "node:events";
import { createServer, type ServerOptions } from "node:https";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import type { CertifiedKey } from "./create-certificates.js";
import type { UpstreamEnv } from "./upstream-env.js";

export interface Listening {
  readonly origin: string;
  /** Stops listening and cuts open connections, idle ones too. May be called again. */
  close(): Promise<void>;
}

/** The certificate with which a server speaks TLS. */
export interface ServerTls extends CertifiedKey {
  /** Refuses clients without a certificate of this authority, as PEM text. Absent: any client. */
  readonly clientCa?: string;
}

/**
 * Serves `app` on 127.0.0.1.
 *
 * @param port 0: any free port
 * @param tls absent: plain HTTP
 * @throws where the port is taken
 */
export async function listen(app: Hono<UpstreamEnv>, port: number, tls?: ServerTls): Promise<Listening> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    hostname: "127.0.0.1",
    overrideGlobalObjects: false,
    ...(tls !== undefined && { createServer, serverOptions: optionsOf(tls) }),
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("the server has no TCP address");
  }
  const stop = async () => {
    const closed = once(server, "close");
    server.close();
    if ("closeAllConnections" in server) {
      server.closeAllConnections();
    }
    await closed;
  };
  let stopped: Promise<void> | undefined;
  return {
    origin: `${tls === undefined ? "http" : "https"}://127.0.0.1:${address.port}`,
    close() {
      stopped ??= stop();
      return stopped;
    },
  };
}

function optionsOf({ cert, key, clientCa }: ServerTls): ServerOptions {
  return { cert, key, ...(clientCa !== undefined && { ca: clientCa, requestCert: true }) };
}
