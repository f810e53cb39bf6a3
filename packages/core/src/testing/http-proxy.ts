import { createServer, request } from "node:http";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface TestProxy {
  /** Host and port. */
  readonly host: string;
  /** Method, target and `Proxy-Authorization` of what came, in order. */
  readonly received: readonly { readonly line: string; readonly authorization: string | undefined }[];
  /** Resolves once no connection to it is open. */
  idle(): Promise<void>;
}

export interface TestProxyOptions {
  /** The only host names that it knows, with the port of this machine that stands for each. */
  readonly hosts: Readonly<Record<string, number>>;
  /** `user:password` that it asks for. */
  readonly credentials?: string;
  /** Answer to CONNECT; `silent`: none. */
  readonly onConnect?: number | "silent";
}

/** Starts an HTTP proxy on loopback that is closed when the test ends. Names that it does not know get a 502. */
export async function startHttpProxy({
  hosts,
  credentials,
  onConnect = 200,
}: TestProxyOptions): Promise<TestProxy> {
  const received: { line: string; authorization: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const expected =
    credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`;

  const server = createServer((incoming, answer) => {
    const { method = "", url = "", headers } = incoming;
    received.push({ line: `${method} ${url}`, authorization: headers["proxy-authorization"] });
    const target = URL.canParse(url) ? new URL(url) : undefined;
    const port = target === undefined ? undefined : hosts[target.hostname];
    if (expected !== undefined && headers["proxy-authorization"] !== expected) {
      answer.writeHead(407, { "proxy-authenticate": "Basic" }).end();
    } else if (target === undefined || port === undefined) {
      answer.writeHead(502).end(`unknown host; you sent ${headers["proxy-authorization"]}`);
    } else {
      const { "proxy-authorization": _, ...passedOn } = headers;
      const path = `${target.pathname}${target.search}`;
      const onward = request({ host: "127.0.0.1", port, method, path, headers: passedOn }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      incoming.pipe(onward);
    }
  });
  server.on("connect", ({ url = "", headers }, socket, head) => {
    received.push({ line: `CONNECT ${url}`, authorization: headers["proxy-authorization"] });
    if (onConnect === "silent") {
      socket.on("end", () => socket.destroy()).resume();
      return;
    }
    const port = hosts[url.replace(/:\d+$/, "")];
    const status = port === undefined ? 502 : onConnect;
    if (status !== 200 || port === undefined) {
      socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    const onward = connect(port, "127.0.0.1");
    onward.write(head);
    onward.pipe(socket).pipe(onward);
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("the proxy has no port");
  }
  return {
    host: `127.0.0.1:${address.port}`,
    received,
    async idle() {
      while (sockets.size > 0) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}
