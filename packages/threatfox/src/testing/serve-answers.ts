import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";

/** One answer of a server that plays ThreatFox. */
export interface ServedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** What the server was asked. */
export interface ReceivedRequest {
  readonly method: string | undefined;
  /** With the query. */
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers every request on loopback with the same answer, or with what a function says. */
export async function serveAnswers(
  answer: ServedAnswer | ((request: ReceivedRequest) => ServedAnswer),
): Promise<{
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  close(): Promise<void>;
}> {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method, url: path, headers: sent } = incoming;
    const request = { method, path, headers: sent, body: await text(incoming) };
    requests.push(request);
    const { status = 200, headers = {}, body = "" } = typeof answer === "function" ? answer(request) : answer;
    outgoing.writeHead(status, headers).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}/api/v1/`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
