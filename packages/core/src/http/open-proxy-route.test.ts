import { createServer } from "node:net";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { describeFailure } from "../store/describe-failure.js";
import { startHttpProxy } from "../testing/http-proxy.js";
import { findClosedPort, startHttpServer } from "../testing/http-server.js";
import { createHttpClient } from "./create-http-client.js";

// Real proxies and connections.
vi.setConfig({ testTimeout: 30_000 });

/** Only a proxy of these tests knows this host. */
const upstream = "taxii.test";

beforeEach(() => {
  for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"]) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
  return () => vi.unstubAllEnvs();
});

function client({ timeoutMs = 10_000 } = {}) {
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const settings = { retries: 0, timeoutMs, urlSetting: "MITRE_TAXII_URL" };
  return createHttpClient({ settings, log: silent, signal: new AbortController().signal });
}

async function reasonOf(request: Promise<unknown>): Promise<string> {
  const error: unknown = await request.then(
    () => expect.unreachable("it was expected to fail"),
    (thrown: unknown) => thrown,
  );
  const shown = error instanceof Error ? JSON.stringify([error.message, error.stack, { ...error }]) : "";
  expect(shown).not.toMatch(/hunter|aHVudGVy/);
  return describeFailure(error, { kind: "mongodb", host: "db" });
}

function portOf(origin: string): number {
  return Number(new URL(origin).port);
}

describe("an http address", () => {
  test("is asked for by the proxy: method, body, headers and query arrive, and the answer comes back", async () => {
    const server = await startHttpServer((response) => response.writeHead(201, { "x-a": "b" }).end("grüße"));
    const proxy = await startHttpProxy({ hosts: { [upstream]: portOf(server.origin) } });
    vi.stubEnv("HTTP_PROXY", `http://${proxy.host}`);
    const response = await client().request(`http://${upstream}:8080/a/?x=1`, {
      method: "POST",
      headers: { "Auth-Key": "k" },
      body: "{}",
    });
    expect(response).toMatchObject({ status: 201, body: "grüße", url: `http://${upstream}:8080/a/?x=1` });
    expect(proxy.received).toEqual([
      { line: `POST http://${upstream}:8080/a/?x=1`, authorization: undefined },
    ]);
    expect(server.requests).toMatchObject([
      { method: "POST", url: "/a/?x=1", body: "{}", headers: { host: `${upstream}:8080`, "auth-key": "k" } },
    ]);
    await proxy.idle();
  });

  test("is asked for with the user and password of the proxy, which the upstream does not get", async () => {
    const server = await startHttpServer((response) => response.end("fine"));
    const proxy = await startHttpProxy({
      hosts: { [upstream]: portOf(server.origin) },
      credentials: "loader:hunter#2",
    });
    vi.stubEnv("HTTP_PROXY", `http://loader:hunter%232@${proxy.host}`);
    expect((await client().request(`http://${upstream}/`)).body).toBe("fine");
    expect(server.requests[0]?.headers).not.toHaveProperty("proxy-authorization");
  });

  test("tells of a proxy that asks for a password, or refuses it, by the variable and without the password", async () => {
    const proxy = await startHttpProxy({ hosts: {}, credentials: "loader:right" });
    vi.stubEnv("HTTP_PROXY", `http://${proxy.host}`);
    expect(await reasonOf(client().request(`http://${upstream}/`))).toBe(
      `No answer from ${upstream}: the proxy ${proxy.host} (HTTP_PROXY) answered 407; it requires a user name and password: write HTTP_PROXY as http://user:password@${proxy.host}`,
    );
    vi.stubEnv("HTTP_PROXY", `http://loader:hunter2@${proxy.host}`);
    expect(await reasonOf(client().request(`http://${upstream}/`))).toContain(
      "it rejected the user name or password: check both in HTTP_PROXY",
    );
  });

  test("does not show the password where the proxy repeats it", async () => {
    const proxy = await startHttpProxy({ hosts: {} });
    vi.stubEnv("HTTP_PROXY", `http://x:hunter2hunter2@${proxy.host}`);
    expect(await reasonOf(client().request(`http://${upstream}/`))).toContain(
      "502 Bad Gateway: unknown host",
    );
    expect(proxy.received[0]?.authorization).toMatch(/^Basic /);
  });
});

describe("an https address", () => {
  test("is reached through a tunnel, in which TLS is spoken with the upstream by its name", async () => {
    let hello = Buffer.alloc(0);
    const server = createServer((socket) => {
      socket
        .on("error", () => {})
        .once("data", (bytes) => {
          hello = Buffer.from(bytes);
          socket.destroy();
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const proxy = await startHttpProxy({ hosts: { [upstream]: port } });
    vi.stubEnv("HTTPS_PROXY", `http://loader:hunter2@${proxy.host}`);
    const reason = await reasonOf(client().request(`https://${upstream}/taxii2/`));
    // RFC 8446, 5.1: a record of type handshake (22).
    expect(hello[0]).toBe(22);
    expect(hello.toString("latin1")).toContain(upstream);
    expect(proxy.received.map(({ line }) => line)).toEqual([`CONNECT ${upstream}:443`]);
    expect(proxy.received[0]?.authorization).toMatch(/^Basic /);
    expect(reason).toMatch(
      new RegExp(`^No answer from ${upstream} through the proxy ${proxy.host} \\(HTTPS_PROXY\\): .*cut off`),
    );
    await proxy.idle();
  });

  test.each([
    [407, "it rejected the user name or password: check both in HTTPS_PROXY"],
    [403, "check that it lets requests to this host through"],
    [503, "check that it lets requests to this host through"],
  ])("tells that it was the proxy that answered %d, and not the upstream", async (status, advice) => {
    const proxy = await startHttpProxy({ hosts: { [upstream]: 1 }, onConnect: status });
    vi.stubEnv("HTTPS_PROXY", `http://loader:hunter2@${proxy.host}`);
    expect(await reasonOf(client().request(`https://${upstream}/`))).toMatch(
      new RegExp(
        `^No answer from ${upstream}: the proxy ${proxy.host} \\(HTTPS_PROXY\\) answered ${status}; ${advice}`,
      ),
    );
    await proxy.idle();
  });

  test("ends in time where the proxy never answers, and lets go of it", async () => {
    const proxy = await startHttpProxy({ hosts: {}, onConnect: "silent" });
    vi.stubEnv("HTTPS_PROXY", `http://${proxy.host}`);
    expect(await reasonOf(client({ timeoutMs: 250 }).request(`https://${upstream}/`))).toBe(
      `${upstream} did not answer through the proxy ${proxy.host} (HTTPS_PROXY) within 0.25 s; check the network, or raise HTTP_TIMEOUT_MS`,
    );
    await proxy.idle();
  });
});

test.each(["http", "https"])("names a proxy at which nobody listens: %s", async (scheme) => {
  const host = `127.0.0.1:${await findClosedPort()}`;
  vi.stubEnv(`${scheme.toUpperCase()}_PROXY`, `http://x:hunter2@${host}`);
  expect(await reasonOf(client().request(`${scheme}://${upstream}/`))).toContain(
    `No answer from ${upstream}: the proxy ${host} (${scheme.toUpperCase()}_PROXY) cannot be reached: the connection was refused (ECONNREFUSED); check ${scheme.toUpperCase()}_PROXY,`,
  );
});

test("a proxy whose address cannot be used is told by its variable", async () => {
  vi.stubEnv("HTTPS_PROXY", "socks5://x:hunter2@127.0.0.1:1");
  expect(await reasonOf(client().request(`https://${upstream}/`))).toMatch(
    /^HTTPS_PROXY names a SOCKS proxy/,
  );
});

test("this machine, and what NO_PROXY names, is asked without the proxy", async () => {
  const server = await startHttpServer((response) => response.end("fine"));
  const proxy = await startHttpProxy({ hosts: {} });
  vi.stubEnv("HTTP_PROXY", `http://${proxy.host}`);
  expect((await client().request(server.origin)).body).toBe("fine");
  vi.stubEnv("NO_PROXY", `.${upstream.split(".")[1]}`);
  expect(await reasonOf(client().request(`http://${upstream}/`))).toMatch(/ENOTFOUND|EAI_AGAIN/);
  expect(proxy.received).toEqual([]);
});
