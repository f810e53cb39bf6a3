import { once } from "node:events";
import { isLoopback } from "@cti-connectors/core/host";
import type { Hono } from "hono";
import { endSentence } from "../text/format.js";
import { UsageError } from "./exit-status.js";
import { explainPortTaken } from "./explain-port-taken.js";

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface ServedApp {
  /** Such as `http://127.0.0.1:9464`. */
  readonly origin: string;
  /** Stops listening and cuts open connections. */
  close(): Promise<void>;
}

/** Whether only this machine reaches an address. */
export function isOfThisMachine(host: string): boolean {
  const origin = originOf(host, 0);
  return URL.canParse(origin) && isLoopback(new URL(origin));
}

function originOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Longer than clients wait between two requests: Node would close the connection after 5 s, while the next request is on its way. */
const keepAliveMs = 65_000;

/** What a person reads where an address cannot be listened on. */
export interface AddressTexts {
  /** What is not served then: `Health`. */
  readonly subject: string;
  /** The options for it: `--port`. */
  readonly portFlag: string;
  readonly hostFlag: string;
}

/** Another process listens on the port. */
export class PortTakenError extends UsageError {}

/**
 * Serves an app.
 *
 * @throws PortTakenError if another process listens on the port
 * @throws UsageError if the host cannot be listened on
 */
export async function serveApp(app: Hono, address: ListenAddress, texts: AddressTexts): Promise<ServedApp> {
  try {
    return await listen(app, address);
  } catch (error) {
    const { subject, portFlag, hostFlag } = texts;
    const taken = explainPortTaken(error, portFlag);
    if (taken !== undefined) {
      throw new PortTakenError(taken, { cause: error });
    }
    const { host, port } = address;
    const reason = endSentence(error instanceof Error ? error.message : String(error));
    const cannot = `${subject} cannot be served on port ${port} of ${host} (${portFlag}, ${hostFlag})`;
    throw new UsageError(`${cannot}: ${reason}`, { cause: error });
  }
}

async function listen({ fetch }: Hono, { host, port }: ListenAddress): Promise<ServedApp> {
  const { createAdaptorServer } = await import("@hono/node-server");
  const server = createAdaptorServer({ fetch, hostname: host, overrideGlobalObjects: false });
  if ("keepAliveTimeout" in server) {
    server.keepAliveTimeout = keepAliveMs;
  }
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  const listening = typeof address === "object" && address !== null ? address.port : port;
  return {
    origin: originOf(host, listening),
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
