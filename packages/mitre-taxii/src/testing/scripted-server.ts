import { once } from "node:events";
import { createServer } from "node:http";
import type { HttpClient } from "@cti-connectors/core";
import { createHttpClient, createLogger } from "@cti-connectors/core/host";

export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string or a buffer is sent as it is, anything else as JSON. */
  readonly body: unknown;
}

export interface ScriptedServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** Path and query of every request. */
  readonly requests: readonly string[];
  readonly accepted: readonly (string | undefined)[];
  /** What of every request makes it conditional. */
  readonly conditions: readonly object[];
  close(): Promise<void>;
}

/** A server on loopback that answers what the test says: for behaviour that no sandbox has. */
export async function startScriptedServer(
  answer: (path: string, query: URLSearchParams) => ScriptedAnswer,
): Promise<ScriptedServer> {
  const requests: string[] = [];
  const accepted: (string | undefined)[] = [];
  const conditions: object[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    requests.push(decodeURIComponent(path));
    accepted.push(request.headers.accept);
    conditions.push({
      etag: request.headers["if-none-match"],
      lastModified: request.headers["if-modified-since"],
    });
    const { pathname, searchParams } = new URL(path, "http://127.0.0.1");
    const { status = 200, headers, body } = answer(pathname, searchParams);
    response.writeHead(status, headers ?? {});
    response.end(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new TypeError("expected a port");
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    accepted,
    conditions,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Core's HTTP client that has no quota, and tries once where nothing else is wanted. */
export function testHttpClient({ retries = 0 } = {}): HttpClient {
  return createHttpClient({
    settings: { retries, urlSetting: "MITRE_TAXII_URL" },
    log: silentLogger(),
    signal: new AbortController().signal,
  });
}

function silentLogger() {
  return createLogger({ level: "silent" });
}
